// The requests of one run that are under way: so many at once, the rest wait for their turn. And
// whether there were ever several: who crowds a provider cannot be excused by its "too many".

export type Turns = {
  /** Resolves when it is this request's turn, with what is to be called when it is over. */
  take(): Promise<() => void>;
  /** Whether two were ever under way, or waiting, together. */
  crowded(): boolean;
};

export function turnsOf(most: number): Turns {
  let underWay = 0;
  let isCrowded = false;
  const waiting: (() => void)[] = [];
  return {
    crowded: () => isCrowded,
    async take() {
      underWay += 1;
      if (underWay > 1) isCrowded = true;
      if (underWay > most) await new Promise<void>((resolve) => waiting.push(resolve));
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        underWay -= 1;
        waiting.shift()?.();
      };
    },
  };
}
