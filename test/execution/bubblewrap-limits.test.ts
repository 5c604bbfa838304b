import { readdirSync } from "node:fs";
import { greedTests } from "./greed.ts";
import { sandboxForTests, temporaryFolder } from "./ground.ts";

const scratch = temporaryFolder();
const found = await sandboxForTests("bubblewrap", scratch);

greedTests("bubblewrap", found, () => readdirSync(scratch));
