import { answer } from '@galvani/terminal';
import { Argument, Command } from 'commander';
import { completions } from './completion/completions.js';
import { shellScripts } from './completion/shell-scripts.js';

const about = `
bash: source <(galvani completion bash), in ~/.bashrc.
zsh: source <(galvani completion zsh), in ~/.zshrc after compinit.
fish: galvani completion fish > ~/.config/fish/completions/galvani.fish.
Commands, options, studies' folders and the values of choices are completed, where galvani is a command of the shell: installed for all (npm install --global), or by the path of its
file. The galvani that is on the line is asked.`;

/** The script that completes galvani in a shell. */
export function completionCommand(): Command {
  return new Command('completion')
    .description('print the script that completes galvani in a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(shellScripts)))
    .addHelpText('after', about)
    .action((shell: keyof typeof shellScripts) => {
      const script = shellScripts[shell];
      answer(script.trimEnd(), { shell, script });
    });
}

/** What that script asks: a command for shells, of which help says nothing. */
export function completeCommand(program: () => Command): Command {
  return new Command('complete')
    .description('what may stand in the place of the last word')
    .argument('[words...]', 'the words after galvani, after --')
    .action((words: string[]) => {
      const { candidates, files } = completions(program(), words);
      const lines = candidates.map(({ value, description }) => `${value}\t${description}`);
      if (lines.length > 0 || files) answer([...lines, ...(files ? [':files'] : [])].join('\n'));
    });
}
