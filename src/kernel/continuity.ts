// What a process that runs many cycles goes on from, so that it need not read ten thousand agents
// again for each: the economy as its last cycle left it. It is no second truth. It counts only
// where the files would say the same: HEAD is still that cycle's commit, git knows of no edit, no
// name has come or gone. In any doubt it is dropped, and the files are read.
import type { Economy } from "../economy/state.ts";
import type { Change } from "../world/change.ts";
import { personEdits } from "../world/edits.ts";
import { areStill, changeFolders, type SeenFolders, seeFolders } from "../world/folders.ts";
import { headCommit, type Repository } from "../world/git.ts";
import { hidesEdits, isPlainIndex } from "../world/plain-index.ts";
import type { Copied } from "./own-copy.ts";

type Kept = {
  head: string;
  economy: Economy;
  folders: SeenFolders;
};

export class Continuity {
  private kept: Kept | null = null;
  private folders: SeenFolders | null = null;

  /**
   * The economy to go on from, or null: read it. Given away once, because whoever gets it changes
   * it, and only a commit makes the changes true.
   */
  async resume(repo: Repository): Promise<Copied | null> {
    const { kept } = this;
    this.kept = null;
    if (kept && (await isUntouched(repo, kept))) {
      this.folders = kept.folders;
      return kept;
    }
    // Before anything is looked for or read: what changes later must be noticed the next time.
    this.folders = await seeFolders(repo.root);
    return null;
  }

  /** The economy is now what this commit has. */
  keep({ head, economy }: Copied, changes: Change[]): void {
    const { folders } = this;
    if (!folders) return;
    changeFolders(folders, changes);
    this.kept = { head, economy, folders };
  }
}

async function isUntouched(repo: Repository, kept: Kept): Promise<boolean> {
  if ((await headCommit(repo)) !== kept.head) return false;
  const [edits, still] = await Promise.all([
    personEdits(repo, { still: kept.head }),
    areStill(repo.root, kept.folders),
  ]);
  if (!still || !edits.ok || edits.value.length > 0) return false;
  return isPlainIndex(repo, kept.head) || !(await hidesEdits(repo));
}
