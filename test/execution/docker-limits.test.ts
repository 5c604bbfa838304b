import { daemonForTests, dockerForTests } from "./dockerd.ts";
import { greedTests } from "./greed.ts";

greedTests("docker", await dockerForTests(), async () => (await daemonForTests())?.settled() ?? []);
