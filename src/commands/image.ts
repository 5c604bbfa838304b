import { defineCommand, JSON_OPTION } from "./command.ts";

type Options = { base?: string; local?: true; json?: true };

export const image = defineCommand<Options>({
  name: "image",
  summary: "the container image that agents run in",
  about:
    "Without a word, shows whether the Docker daemon has the image that fits this econ. " +
    "`econ image build` builds it: a base system, Bun and the public parts of the toolkit. The " +
    "base comes from a registry, from --base, or with --local from this system's own Debian " +
    "packages, without a network. DOCKER_HOST says which daemon. After an update of econ it has " +
    "to be built again; until then no agent runs in the old one.",
  examples: [
    ["econ image", "is it there, and does it fit?"],
    ["econ image build", "from the usual base, which the daemon fetches"],
    ["econ image build --local", "from this system's packages: no registry"],
    ["econ image build --base debian:12", "from another base"],
  ],
  arguments: [{ name: "[build]", about: "build it", complete: ["build"] }],
  options: [
    { flags: "--base <image>", about: "what to build on: glibc, sh and tar is all it takes" },
    { flags: "--local", about: "make the base from this system's Debian packages" },
    JSON_OPTION,
  ],
  async run(context, [act], options) {
    const { runImage } = await import("./image-run.ts");
    return runImage(context, act, options);
  },
});
