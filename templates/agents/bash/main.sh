#!/bin/bash
# The watchman: notes a price at each run and tells the human now and then. See AGENTS.md.
# A step that fails ends the script, and that is a crash: it undoes the run but gives the bid back.
set -euo pipefail

# 1. Live. Without a pending bid there is no next run, so this comes before everything else.
balance=$(econ balance)
whole=${balance%.*}                 # bash counts in whole numbers
if [ "$whole" -ge 200 ]; then wait=10; else wait=100; fi
econ bid --cpu 1 --memory 96 --not-before "+$wait"

# 2. Observe. Files in this folder are all that is left of a run.
mkdir -p notes
read -r _ cycle _ < <(econ time)                 # "cycle 41 at 2026-…"
read -r _ price _ < <(econ market cpu_seconds)   # "cpu_seconds 4.2 credits, …"
echo "$cycle $price" >>notes/cpu-price.txt
econ inbox >>notes/mail.txt                      # a run that ends well has read its mail

# 3. Ask for attention: seldom, and only with something to say. It is paid for when it is shown.
seen=$(wc -l <notes/cpu-price.txt)
if [ $((seen % 12)) -eq 0 ] && [ "$whole" -ge 300 ]; then
  read -r _ slot _ < <(econ market attention)
  read -r first_cycle first_price < <(head -n 1 notes/cpu-price.txt)
  # `sort | head` would die of a closed pipe, so awk finds both ends.
  range=$(awk 'NR==1 {l=h=$2} $2<l {l=$2} $2>h {h=$2} END {print l " to " h}' notes/cpu-price.txt)
  # A refused prompt is no reason to crash.
  econ prompt "$slot" - <<END || echo "no prompt this time"
## What CPU time costs

A second costs **$price** credits in cycle $cycle. When I first looked, in cycle $first_cycle, it
was $first_price. In my $seen looks it went from $range credits.

I have $balance credits and wake every $wait cycles.
END
fi
