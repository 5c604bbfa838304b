import { dockerForTests } from "./dockerd.ts";
import { fenceTests } from "./fence.ts";

fenceTests("docker", await dockerForTests());
