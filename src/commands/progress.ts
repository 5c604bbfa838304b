// What a person sees while a cycle runs: one line on stderr that redraws itself, at a terminal
// only.
import { cutToWidth, safeLine } from "../view/safe-text.ts";
import type { Holder } from "../world/lock.ts";
import type { Context } from "./context.ts";

export type Progress = {
  show: (text: string) => void;
  onRun: (done: number, total: number) => void;
  onWait: (holder: Holder | null) => void;
  /** Whatever else there is to say of what is under way. */
  line: (text: string) => void;
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
    show: draw,
    onRun: (done, total) => draw(`${done} of ${total} runs done …`),
    line: draw,
    onWait: (holder) => {
      const text = waitingText(holder);
      if (errWidth === null) err(text);
      else draw(text);
    },
    clear: () => {
      if (drawn) errRaw(CLEAR_LINE);
      drawn = false;
    },
  };
}

/** For whom a command waits. */
export function waitingText(holder: Holder | null): string {
  if (!holder) return "waiting for another econ command to finish …";
  return `waiting for \`${safeLine(holder.command)}\` (process ${holder.pid}) to finish …`;
}
