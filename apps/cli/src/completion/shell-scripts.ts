/**
 * What shells read to complete `galvani`: each asks the command itself for `value<tab>description` lines, and takes a last line `:files` for
 * files and folders.
 */
export const shellScripts: Readonly<Record<'bash' | 'zsh' | 'fish', string>> = {
  bash: `# galvani's completion for bash. In ~/.bashrc: source <(galvani completion bash)
_galvani() {
  local value description
  COMPREPLY=()
  compopt +o default
  while IFS=$'\\t' read -r value description; do
    if [[ $value == :files ]]; then compopt -o default
    else COMPREPLY+=("$(printf '%q' "$value")"); fi
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _galvani galvani
`,
  zsh: `#compdef galvani
# galvani's completion for zsh. In ~/.zshrc, after compinit: source <(galvani completion zsh)
_galvani() {
  local -a values
  local line files=
  while IFS= read -r line; do
    if [[ $line == :files ]]; then files=1
    else values+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}"); fi
  done < <("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#values} )) && _describe galvani values
  [[ -n $files ]] && _files
}
compdef _galvani galvani
`,
  fish: `# galvani's completion for fish. In ~/.config/fish/completions/galvani.fish: galvani completion fish | source
function __galvani_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] complete -- $words[2..-1] 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c galvani -f -a '(__galvani_complete)'
`,
};
