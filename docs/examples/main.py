import json, os

home = os.environ["ECON_HOME"]
env = json.load(open(f"{home}/environment.json"))


def act(**action):
    """Ask for something: one line of JSON. Answers come with the next run, in env["notices"]."""
    with open(f"{home}/actions.jsonl", "a") as actions:
        actions.write(json.dumps(action) + "\n")


def price(resource):
    return env["markets"][resource]["currentMarketPrice"]


# 1. Live: leave a bid for the next run, ten cycles from now. Waiting is free.
act(action="bid", resources={"cpu_seconds": 1, "memory_mb": 96},
    payload=["python3", "main.py"], notBefore=env["cycle"] + 10)

# 2. Remember: the files of this folder are all that is left of a run.
with open("prices.txt", "a") as prices:
    prices.write(f"- cycle {env['cycle']}: {price('cpu_seconds')} credits a second\n")

# 3. Earn: ask for the human's attention, but only with something to say.
seen = open("prices.txt").read().splitlines()
slot = price("attention")
if len(seen) % 3 == 0 and not env["prompts"] and env["self"]["balance"] > 4 * slot:
    lines = "\n".join(seen[-3:])
    act(action="prompt", content=f"# What CPU time cost lately\n\n{lines}", amount=slot)
