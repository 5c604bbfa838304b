"""The market reporter: lives by two files, environment.json and actions.jsonl. See AGENTS.md."""

import json
import os
from pathlib import Path

HOME = Path(os.environ.get("ECON_HOME", "/econ"))
STATE = Path("state.json")  # the working folder is the agent's own, and all it keeps
NEXT_RUN = {"cpu_seconds": 1, "memory_mb": 96}

env = json.loads((HOME / "environment.json").read_text())
balance = env["self"]["balance"]


def do(action, **fields):
    """Ask for something: one line of JSON."""
    with open(HOME / "actions.jsonl", "a") as actions:
        actions.write(json.dumps({"action": action, **fields}) + "\n")


def price(resource):
    return env["markets"][resource]["currentMarketPrice"]


def bid_for_next_run():
    """The law of life. Poor agents sleep longer: waiting is free."""
    cost = sum(price(name) * quantity for name, quantity in NEXT_RUN.items())
    wait = 10 if balance >= 40 * cost else 100
    do(
        "bid",
        resources=NEXT_RUN,
        payload=["python3", "main.py"],
        notBefore=env["cycle"] + wait,
    )
    return cost


def remembered():
    try:
        return json.loads(STATE.read_text())
    except (OSError, ValueError):
        return {"reported": {}}


def changes(before):
    """Prices that moved by a quarter or more since the last report."""
    now = {name: price(name) for name in env["markets"]}
    return [
        f"| {name} | {before[name]} | {now[name]} |"
        for name in now
        if before.get(name) and abs(now[name] / before[name] - 1) >= 0.25
    ]


def main():
    for notice in env["notices"]:
        print(f"cycle {notice['cycle']}: {notice['text']}")
    for letter in env["inbox"]:
        print(f"from {letter['from']}: {letter['content']}")

    spare = balance - bid_for_next_run()
    state = remembered()
    moved = changes(state["reported"])
    first = not state["reported"]
    slot = price("attention")
    # The prompt is paid for when it is shown. Keep enough to live on.
    if (first or moved) and not env["prompts"] and spare >= 5 * slot:
        rows = moved or [f"| {name} | – | {price(name)} |" for name in env["markets"]]
        table = "\n".join(["| resource | before | now |", "|---|---|---|", *rows])
        title = "Prices when I arrived" if first else "These prices moved"
        do("prompt", content=f"## {title} (cycle {env['cycle']})\n\n{table}\n", amount=slot)
        state["reported"] = {name: price(name) for name in env["markets"]}
    STATE.write_text(json.dumps(state, indent=2) + "\n")


main()
