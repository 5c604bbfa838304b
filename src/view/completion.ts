// Completion scripts for shells, from the tree of commands. Names of agents come from the world one
// stands in, at the moment of the Tab.
export type ShellName = "bash" | "zsh" | "fish";
export const SHELLS: string[] = ["bash", "zsh", "fish"] satisfies ShellName[];

/** A command, its options, and what its first argument may be. */
export type Word = {
  name: string;
  about: string;
  options: string[];
  complete: string[] | "agents";
};

const AGENTS = "econ agents --quiet 2>/dev/null";

export function completionScript(shell: ShellName, words: Word[]): string {
  if (shell === "bash") return bash(words);
  return shell === "zsh" ? zsh(words) : fish(words);
}

function bash(words: Word[]): string {
  const cases = words.map(({ name, options, complete }) => {
    const values = complete === "agents" ? `$(${AGENTS})` : complete.join(" ");
    return `    ${name}) words="${values}"; options="${options.join(" ")}" ;;`;
  });
  return `_econ() {
  local current="\${COMP_WORDS[COMP_CWORD]}" command="" words="" options="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      --world) ((i++)) ;;
      -*) ;;
      *) command="\${COMP_WORDS[i]}"; break ;;
    esac
  done
  case "$command" in
    "") words="${words.map(({ name }) => name).join(" ")} help"
      options="--help --version --world" ;;
${cases.join("\n")}
  esac
  [[ "$current" == -* ]] && words="$options"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _econ econ`;
}

function zsh(words: Word[]): string {
  const names = words.map(({ name, about }) => `    '${name}:${quoteless(about)}'`);
  const cases = words.map(({ name, options, complete }) => {
    const values = complete === "agents" ? `\${(f)"$(${AGENTS})"}` : complete.join(" ");
    return `    ${name}) values=(${values}); options=(${options.join(" ")}) ;;`;
  });
  return `_econ() {
  local -a commands values options
  commands=(
${names.join("\n")}
  )
  local command="" i
  for ((i = 2; i < CURRENT; i++)); do
    case "\${words[i]}" in
      --world) ((i++)) ;;
      -*) ;;
      *) command="\${words[i]}"; break ;;
    esac
  done
  if [[ -z "$command" ]]; then
    [[ "\${words[CURRENT]}" == -* ]] && compadd -- --help --version --world
    _describe 'command' commands
    return
  fi
  case "$command" in
${cases.join("\n")}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then compadd -- $options; else compadd -- $values; fi
}
compdef _econ econ`;
}

function fish(words: Word[]): string {
  const lines = [
    "complete -c econ -f",
    "complete -c econ -l world -r -a '(__fish_complete_directories)'",
  ];
  for (const { name, about, options, complete } of words) {
    const at = `-n '__fish_seen_subcommand_from ${name}'`;
    lines.push(`complete -c econ -n __fish_use_subcommand -a ${name} -d '${quoteless(about)}'`);
    for (const option of options) lines.push(`complete -c econ ${at} -l ${option.slice(2)}`);
    const values = complete === "agents" ? `(${AGENTS})` : complete.join(" ");
    if (values) lines.push(`complete -c econ ${at} -a '${values}'`);
  }
  return lines.join("\n");
}

/** Descriptions stand in single quotes. */
function quoteless(text: string): string {
  return text.replaceAll("'", "’").replaceAll(":", "");
}
