// Which paths may stand in a world. git's fast-import takes "..", ".GIT" and worse without a word,
// so every path is judged here before git sees it; and a world has to survive being cloned to a
// file system with other habits (folded case, ignored characters, "\" as a separator).

/** Characters that some file systems ignore in names, so that ".g<one of them>it" is ".git". */
const IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

const PATH_BYTES_MAX = 4000;
const NAME_BYTES_MAX = 255;

/** Why a path (relative to the world, "/" between names) cannot be committed; null: it can. */
export function refusePath(path: string): string | null {
  if (path === "") return "the path is empty";
  if (!path.isWellFormed() || path.includes("\ufffd")) return "the name is not UTF-8";
  if (/[\x00-\x1f\x7f-\x9f]/.test(path)) return "the name has a control character";
  if (path.includes("\\")) return 'the name has a "\\"';
  if (path.startsWith("/")) return "the path is absolute";
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) return "the path is too long";
  const names = path.split("/");
  if (names[0]!.toLowerCase() === ".econ") return "that folder is econ's own, not of the world";
  for (const name of names) {
    const reason = refuseName(name);
    if (reason) return reason;
  }
  return null;
}

function refuseName(name: string): string | null {
  if (name === "") return "a name in the path is empty";
  if (name === "." || name === "..") return `the path has a "${name}" in it`;
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) return "a name in the path is too long";
  const plain = name.replace(IGNORED, "").toLowerCase();
  if (/^(\.git|git~\d+)[ .]*(:.*)?$/.test(plain)) return "that name is git's own";
  if (/^(\.gitmodules|gitmod~\d+)[ .]*(:.*)?$/.test(plain)) return "a world has no submodules";
  return null;
}

/** Names that git gives a meaning to, and that a person therefore commits knowingly, by hand. */
export function isGitsOwn(path: string): boolean {
  return path.split("/").some((name) => {
    const plain = name.replace(IGNORED, "").toLowerCase();
    return plain.startsWith(".git") && name !== ".gitignore" && name !== ".gitkeep";
  });
}
