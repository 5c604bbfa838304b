import { badFilesTests } from "../e2e/bad-files.ts";
import { at, daemonForTests } from "./dockerd.ts";

const daemon = await daemonForTests();

badFilesTests({
  name: "docker",
  isThere: daemon !== null,
  within: (work) => at(daemon?.host ?? "", work),
});
