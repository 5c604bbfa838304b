// What a commit changes: the currency between the writer, which makes changes, and git, which takes
// them.
import type { FolderFile } from "../economy/state.ts";

/** One path (relative to the world's folder, "/" between names) and its new file; null deletes. */
export type Change = { path: string; file: FolderFile | null };

/** A thing wrong in the world's files, where it is, and what was expected. */
export type Problem = { file: string; line: number | null; message: string };
