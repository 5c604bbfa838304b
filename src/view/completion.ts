// Completion scripts for shells, from the tree of commands. Names of agents come from the world one
// stands in, at the moment of the Tab.
export type ShellName = "bash" | "zsh" | "fish";
export const SHELLS: string[] = ["bash", "zsh", "fish"] satisfies ShellName[];

/** What may stand somewhere: the living agents, a file or folder, or one of some fixed words. */
export type Offer = "agents" | "files" | string[];

/** A command, its options and their values, its first argument, and the commands below it. */
export type Word = {
  name: string;
  about: string;
  options: string[];
  values: Record<string, Offer>;
  complete: Offer;
  below: Word[];
};

const AGENTS = "econ agents --quiet 2>/dev/null";

export function completionScript(shell: ShellName, words: Word[]): string {
  if (shell === "bash") return bash(words);
  return shell === "zsh" ? zsh(words) : fish(words);
}

/** A command or one below another, with the pattern that finds it: those below come first. */
type Place = { pattern: string; key: string; word: Word };

function placesOf(words: Word[]): Place[] {
  return words.flatMap((word) => [
    ...word.below.map((one) => {
      const key = `${word.name} ${one.name}`;
      return { pattern: `"${key}"`, key, word: one };
    }),
    { pattern: `"${word.name} "*`, key: word.name, word },
  ]);
}

/** The values of options, as cases over "command sub --option". */
function valueCases(words: Word[], values: (offer: Offer) => string): string[] {
  return placesOf(words).flatMap(({ pattern, word }) =>
    Object.entries(word.values).map(
      ([option, offer]) => `    ${pattern}" ${option}") ${values(offer)} ;;`,
    ),
  );
}

const namesBelow = ({ below }: Word) => below.map(({ name }) => name).join(" ");

function bash(words: Word[]): string {
  const valuesOf = (offer: Offer, more = "") => {
    if (offer === "files") return `words="${more}" files=1`;
    return `words="${`${more} ${offer === "agents" ? `$(${AGENTS})` : offer.join(" ")}`.trim()}"`;
  };
  const cases = placesOf(words).map(({ pattern, word }) => {
    const values = valuesOf(word.complete, namesBelow(word));
    return `    ${pattern}) ${values}; options="${word.options.join(" ")}" ;;`;
  });
  return `_econ() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}"
  local command="" sub="" words="" options="" files="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      --world) ((i++)) ;;
      -*) ;;
      *) if [[ -z "$command" ]]; then command="\${COMP_WORDS[i]}"; else
        sub="\${COMP_WORDS[i]}"; break; fi ;;
    esac
  done
  case "$command $sub" in
    " ") words="${words.map(({ name }) => name).join(" ")} help"
      options="--help --version --world" ;;
${cases.join("\n")}
  esac
  case "$command $sub $before" in
${valueCases(words, (offer) => valuesOf(offer)).join("\n")}
  esac
  [[ "$current" == -* ]] && words="$options" files=""
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ -z "$files" ]] || mapfile -t COMPREPLY < <(compgen -f -- "$current")
}
complete -F _econ econ`;
}

function zsh(words: Word[]): string {
  const names = words.map(({ name, about }) => `    '${name}:${quoteless(about)}'`);
  const valuesOf = (offer: Offer, more = "") => {
    if (offer === "files") return `values=(${more}) files=1`;
    const names = offer === "agents" ? `\${(f)"$(${AGENTS})"}` : offer.join(" ");
    return `values=(${`${more} ${names}`.trim()})`;
  };
  const cases = placesOf(words).map(({ pattern, word }) => {
    const values = valuesOf(word.complete, namesBelow(word));
    return `    ${pattern}) ${values}; options=(${word.options.join(" ")}) ;;`;
  });
  return `_econ() {
  local -a commands values options
  commands=(
${names.join("\n")}
  )
  local command="" sub="" files="" i
  for ((i = 2; i < CURRENT; i++)); do
    case "\${words[i]}" in
      --world) ((i++)) ;;
      -*) ;;
      *) if [[ -z "$command" ]]; then command="\${words[i]}"; else sub="\${words[i]}"; break; fi ;;
    esac
  done
  if [[ -z "$command" ]]; then
    [[ "\${words[CURRENT]}" == -* ]] && compadd -- --help --version --world
    _describe 'command' commands
    return
  fi
  case "$command $sub" in
${cases.join("\n")}
  esac
  case "$command $sub \${words[CURRENT - 1]}" in
${valueCases(words, (offer) => valuesOf(offer)).join("\n")}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then compadd -- $options; return; fi
  compadd -- $values
  [[ -z "$files" ]] || _files
}
compdef _econ econ`;
}

function fish(words: Word[]): string {
  const lines = [
    "complete -c econ -f",
    "complete -c econ -l world -r -a '(__fish_complete_directories)'",
  ];
  const offered = (offer: Offer) => {
    if (offer === "files") return "-F";
    const values = offer === "agents" ? `(${AGENTS})` : offer.join(" ");
    return values ? `-a '${values}'` : "";
  };
  for (const word of words) {
    const { name, about } = word;
    lines.push(`complete -c econ -n __fish_use_subcommand -a ${name} -d '${quoteless(about)}'`);
    lines.push(...fishLines(word, `__fish_seen_subcommand_from ${name}`, offered));
    const names = namesBelow(word);
    for (const one of word.below) {
      const at = `__fish_seen_subcommand_from ${name}; and __fish_seen_subcommand_from ${one.name}`;
      lines.push(...fishLines(one, at, offered));
    }
    if (!names) continue;
    const at = `-n '__fish_seen_subcommand_from ${name}'`;
    lines.push(`complete -c econ ${at} -a '${names}'`);
  }
  return lines.join("\n");
}

function fishLines(word: Word, when: string, offered: (offer: Offer) => string): string[] {
  const at = `complete -c econ -n '${when}'`;
  const options = word.options.map((option) => {
    const value = word.values[option];
    return `${at} -l ${option.slice(2)}${value ? ` -r ${offered(value)}` : ""}`;
  });
  const first = offered(word.complete);
  return first ? [...options, `${at} ${first}`] : options;
}

/** Descriptions stand in single quotes. */
function quoteless(text: string): string {
  return text.replaceAll("'", "’").replaceAll(":", "");
}
