/// The script that teaches a shell to complete a program's words by asking the program.
///
/// The program answers `PROGRAM __complete WORD…` with `Completion.lines`; the last word is the one
/// at the cursor.
package enum CompletionScript: String, Sendable, CaseIterable {
    case bash
    case zsh
    case fish

    /// The script's text.
    package func text(program: String) -> String {
        switch self {
        case .bash: Self.bashText(program)
        case .zsh: Self.zshText(program)
        case .fish: Self.fishText(program)
        }
    }

    private static func bashText(_ program: String) -> String {
        """
        # bash completion of \(program): source <(\(program) completion bash)
        _\(program)() {
            local current=${COMP_WORDS[COMP_CWORD]} word summary
            COMPREPLY=()
            while IFS=$'\\t' read -r word summary; do
                if [[ $word == :files ]]; then
                    compopt -o filenames 2>/dev/null
                    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current")
                else
                    COMPREPLY+=("$word")
                fi
            done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
        }
        complete -F _\(program) \(program)

        """
    }

    private static func zshText(_ program: String) -> String {
        """
        #compdef \(program)
        # zsh completion of \(program): source <(\(program) completion zsh)
        _\(program)() {
            local -a candidates
            local line files=
            while IFS= read -r line; do
                if [[ $line == :files ]]; then
                    files=yes
                else
                    candidates+=("${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}")
                fi
            done < <("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
            (( ${#candidates} )) && _describe '\(program)' candidates
            [[ -n $files ]] && _files
        }
        compdef _\(program) \(program)

        """
    }

    private static func fishText(_ program: String) -> String {
        """
        # fish completion of \(program): \(program) completion fish | source
        function __\(program)_complete
            set -l words (commandline -opc) (commandline -ct)
            for line in ($words[1] __complete $words[2..] 2>/dev/null)
                if test "$line" = :files
                    __fish_complete_path (commandline -ct)
                else
                    echo $line
                end
            end
        end
        complete -c \(program) -f -a '(__\(program)_complete)'

        """
    }
}
