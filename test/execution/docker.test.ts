import { carryingTests } from "./carrying.ts";
import { dockerForTests } from "./dockerd.ts";

carryingTests("docker", await dockerForTests());
