// Who commits: the kernel under its own name, a person under the name that git knows them by.
import { ID } from "../economy/ids.ts";
import { askGit, type Repository } from "../world/git.ts";

export type Author = { name: string; email: string };

export const KERNEL: Author = { name: "econ", email: "econ@localhost" };

export async function personOf(repo: Repository): Promise<Author> {
  const name = (await setting(repo, "user.name")) || "human";
  const email = (await setting(repo, "user.email")) || "human@localhost";
  // Git writes these into the commit's header, where these characters have a meaning.
  const plain = (text: string) => text.replace(/[<>\u0000-\u001f]/g, "").trim() || "human";
  return { name: plain(name), email: plain(email) };
}

async function setting(repo: Repository, key: string): Promise<string> {
  const answer = await askGit(repo, ["config", "--get", key]);
  return answer.ok ? new TextDecoder().decode(answer.value).trim() : "";
}

/** "Ada Lovelace" → "ada-lovelace": the folder of a person in humans/. */
export function personId(name: string): string {
  const id = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "")
    .slice(0, 32);
  return ID.test(id) ? id : "owner";
}
