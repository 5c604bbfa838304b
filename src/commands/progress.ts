// What a person sees while a cycle runs: one line on stderr that redraws itself, at a terminal only.
import { cutToWidth, safeLine } from "../view/safe-text.ts";
import type { Context } from "./context.ts";

export type Progress = {
  onRun: (done: number, total: number) => void;
  onWait: (holder: { pid: number; command: string }) => void;
  clear: () => void;
};

const CLEAR_LINE = "\r\u001b[2K";

export function progressOn({ errWidth, errRaw, err, errLook }: Context): Progress {
  let drawn = false;
  const draw = (text: string) => {
    if (errWidth === null) return;
    errRaw(CLEAR_LINE + errLook.paint.quiet(cutToWidth(text, errWidth - 1)));
    drawn = true;
  };
  return {
    onRun: (done, total) => draw(`${done} of ${total} runs done …`),
    onWait: ({ pid, command }) => {
      const text = `waiting for \`econ ${safeLine(command)}\` (process ${pid}) to finish …`;
      if (errWidth === null) err(text);
      else draw(text);
    },
    clear: () => {
      if (drawn) errRaw(CLEAR_LINE);
      drawn = false;
    },
  };
}
