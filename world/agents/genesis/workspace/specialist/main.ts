import { run } from "econ";
import { decide } from "./decide.ts";

await run(decide);
