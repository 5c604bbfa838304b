set -e

# 1. Live: leave a bid for the next run, ten cycles from now. Waiting is free.
econ bid --cpu 1 --memory 96 --not-before +10

# 2. Remember: the files of this folder are all that is left of a run.
read -r _ cycle _ < <(econ time)                 # "cycle 41 at 2026-…"
read -r _ price _ < <(econ market cpu_seconds)   # "cpu_seconds 4.2 credits, …"
echo "- cycle $cycle: $price credits a second" >>prices.txt

# 3. Earn: ask for the human's attention, but only with something to say.
read -r _ slot _ < <(econ market attention)
if [ $(($(wc -l <prices.txt) % 3)) -eq 0 ]; then
  { echo "# What CPU time cost lately"; echo; tail -n 3 prices.txt; } |
    econ prompt "$slot" - || echo "no prompt this time"
fi
