// Ctrl-C, once: asks what runs to stop cleanly. Twice: stops the process; the next command repairs.
import { EXIT } from "./context.ts";

export function untilInterrupted(signals: NodeJS.Signals[] = ["SIGINT"]): {
  signal: AbortSignal;
  release: () => void;
} {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  for (const name of signals) process.on(name, onSignal);
  const release = () => {
    for (const name of signals) process.off(name, onSignal);
  };
  return { signal: controller.signal, release };
}
