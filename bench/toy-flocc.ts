// The toy economy as one would write it with flocc (npm, MIT): a published library for agent-based
// models, written in TypeScript, that needs no space and no browser. It is no dependency of the
// toolkit; bench/agents.ts fetches it into a temporary folder.
import {
  type Lot,
  nextPrice,
  type Outcome,
  offerAfter,
  PAUSE,
  PRICE,
  PURSE,
  supplyFor,
  type Toy,
} from "./toy-economy.ts";

type Agent = {
  get: (key: string) => number;
  set: (key: string | Record<string, number>, value?: number | ((agent: Agent) => void)) => void;
};
type Environment = {
  addAgent: (agent: Agent) => void;
  removeAgent: (agent: Agent) => void;
  getAgents: () => Agent[];
  tick: () => void;
  get: (key: string) => number;
  set: (key: string, value: number) => void;
};

/** What the bench uses of the library. */
export type Flocc = {
  Agent: new (data: Record<string, number>) => Agent;
  Environment: new (options?: object) => Environment;
};

/** Agents ask in the library's tick; the market clears what they asked for. */
export function withFlocc(library: Flocc, { agents, cycles }: Toy, lot: Lot): Outcome {
  const world = new library.Environment({ width: 0, height: 0 });
  const supply = supplyFor(agents);
  let asking: Agent[] = [];
  const ask = (agent: Agent) => {
    const [price, cycle] = [world.get("price"), world.get("cycle")];
    if (agent.get("due") > cycle) return;
    const purse = agent.get("purse");
    const most = Math.min(agent.get("limit"), Math.max(purse, price));
    const offer = offerAfter(agent.get("lost"), price, most);
    if (offer < price) return;
    if (offer > purse) {
      agent.set("dead", 1);
      return;
    }
    agent.set({ offer, tie: lot(cycle, agent.get("index"), agent.get("ran")) });
    asking.push(agent);
  };
  for (let index = 0; index < agents; index++) {
    const start = { index, purse: PURSE, limit: 2 * PRICE, due: 0, lost: 0, ran: 0, dead: 0 };
    const agent = new library.Agent({ ...start, offer: 0, tie: 0 });
    agent.set("tick", ask);
    world.addAgent(agent);
  }
  world.set("price", PRICE);
  let runs = 0;
  for (let cycle = 1; cycle <= cycles; cycle++) {
    world.set("cycle", cycle);
    asking = [];
    world.tick();
    runs += clear(world, asking, supply);
    for (const agent of [...world.getAgents()]) if (agent.get("dead")) world.removeAgent(agent);
  }
  const living = world.getAgents();
  let circulating = 0;
  for (const agent of living) circulating += agent.get("purse");
  return { price: world.get("price"), alive: living.length, circulating, runs };
}

function clear(world: Environment, asking: Agent[], supply: number): number {
  const [price, cycle] = [world.get("price"), world.get("cycle")];
  asking.sort((a, b) => b.get("offer") - a.get("offer") || a.get("tie") - b.get("tie"));
  const sold = Math.min(supply, asking.length);
  for (const [n, agent] of asking.entries()) {
    if (n >= sold) {
      agent.set("lost", agent.get("lost") + 1);
      continue;
    }
    const purse = agent.get("purse") - agent.get("offer");
    const dead = purse < price ? 1 : 0;
    const [ran, due, limit] = [agent.get("ran") + 1, cycle + PAUSE, 2 * price];
    agent.set({ purse, ran, due, limit, dead, lost: 0 });
  }
  world.set("price", nextPrice(price, sold, supply));
  return sold;
}
