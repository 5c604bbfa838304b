import { describe, expect, test } from "bun:test";
import { carryingTests } from "./carrying.ts";
import { dockerForTests } from "./dockerd.ts";
import { shell } from "./ground.ts";

const found = await dockerForTests();

carryingTests("docker", found);

describe.skipIf(!found)("a run in docker", () => {
  test("cannot look into process 1, which ends it", async () => {
    if (!found) return;
    const look = "cat /proc/1/environ /proc/1/maps; ls /proc/1/fd /proc/1/cwd/; echo >/proc/1/mem";
    const result = await shell(found, `(${look}) 2>/dev/null; true`);
    expect([result.output, result.ending]).toEqual(["", { kind: "finished" }]);
  });

  test("cannot tell whom the machine asks for names", async () => {
    if (!found) return;
    const { output } = await shell(found, "grep -h nameserver /etc/resolv.conf; true");
    expect(output.replace("nameserver 127.0.0.1\n", "")).toBe("");
  });
});
