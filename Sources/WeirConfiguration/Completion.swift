/// Completions of the command line for shells, made from the same tables as the help.
package enum Completion: String, Sendable, CaseIterable {
  case bash, zsh, fish

  /// The script, which ends with a newline.
  ///
  /// - Parameter commands: All subcommands.
  package func script(_ commands: [CommandDescription]) -> String {
    switch self {
    case .bash: Completion.bash(commands)
    case .zsh: Completion.zsh(commands)
    case .fish: Completion.fish(commands)
    }
  }

  // MARK: bash

  private static func bash(_ commands: [CommandDescription]) -> String {
    var text = """
      # bash completion for weir, written by `weir completion bash`.
      _weir() {
        local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= flag= i
        COMPREPLY=()
        [[ ${COMP_WORDS[1]} != -* && COMP_CWORD -gt 1 ]] && command=${COMP_WORDS[1]}
        # `=` is a word of its own.
        if [[ $cur == = ]]; then flag=$prev cur=
        elif [[ $prev == = ]]; then flag=${COMP_WORDS[COMP_CWORD-2]}
        elif [[ $cur == --*=* ]]; then flag=${cur%%=*} cur=${cur#*=}
        fi
        if [[ $flag ]]; then
          case $command:$flag in

      """
    for (command, flags) in tables(commands) {
      for flag in flags {
        let action: String
        switch flag.valueForm {
        case .words(let words):
          action = "COMPREPLY=($(compgen -W '\(words.joined(separator: " "))' -- \"$cur\"))"
        case .file:
          action = "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$cur\"))"
        case .folder:
          action = "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- \"$cur\"))"
        case .none, .any: continue
        }
        text += "      \(command.map { "\($0):" } ?? "*:")--\(flag.name)) \(action) ;;\n"
      }
    }
    text += "    esac\n    return\n  fi\n  local words=\n  case $command in\n"
    for command in commands {
      var words = command.words
      words += (command.flags.map { $0.flags } ?? []).flatMap(bashWords)
      if command.flags == nil { words.append("--help") }
      text += "    \(command.name)) words='\(words.joined(separator: " "))' ;;\n"
    }
    let first = commands.map(\.name) + FlagTable.daemon.flags.flatMap(bashWords)
    text += "    '') words='\(FlagTable.daemon.flags.flatMap(bashWords).joined(separator: " "))'\n"
    text += "      [[ $COMP_CWORD -eq 1 ]] && words='\(first.joined(separator: " "))' ;;\n"
    text += "  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
    let files = commands.filter(\.takesFiles).map(\.name).joined(separator: "|")
    text += """
        case $command in
          \(files)) [[ $cur != -* ]] && { compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- "$cur")); } ;;
        esac
        [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
        return 0
      }
      complete -F _weir weir

      """
    return text
  }

  private static func bashWords(_ flag: Flag) -> [String] {
    if case .value = flag.kind { return flag.completed.map { $0 + "=" } }
    return flag.completed
  }

  /// The flags that every command has by the same name, and those of single commands.
  private static func tables(
    _ commands: [CommandDescription]
  ) -> [(command: String?, flags: [Flag])] {
    [(nil, FlagTable.daemon.flags)] + commands.map { ($0.name, $0.flags?.own ?? []) }
  }

  // MARK: zsh

  private static func zsh(_ commands: [CommandDescription]) -> String {
    var text = """
      #compdef weir
      # zsh completion for weir, written by `weir completion zsh`.
      _weir() {
        local -a daemon commands
        daemon=(
      \(FlagTable.daemon.flags.flatMap(zshSpecs).map { "    \($0)\n" }.joined())  )
        commands=(
      \(commands.map { "    \(single("\($0.name):\(plain($0.summary))"))\n" }.joined())  )
        if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
          _describe command commands
          return
        fi
        local name=$words[2]
        [[ $name == -* ]] && { _arguments -S $daemon; return }
        shift words
        (( CURRENT-- ))
        case $name in

      """
    for command in commands {
      var specs = command.flags == nil ? ["'--help[show help]'"] : ["$daemon"]
      specs += (command.flags?.own ?? []).flatMap(zshSpecs)
      specs += command.words.filter { $0.hasPrefix("-") }.map { single($0) }
      let words = command.words.filter { !$0.hasPrefix("-") }
      if !words.isEmpty { specs.append(single("1:word:(\(words.joined(separator: " ")))")) }
      if command.takesFiles { specs.append("'*:file:_files'") }
      text += "    \(command.name)) _arguments -S \(specs.joined(separator: " ")) ;;\n"
    }
    return text
      + "  esac\n}\nif [[ $funcstack[1] == _weir ]]; then _weir \"$@\"; else compdef _weir weir; fi\n"
  }

  private static func zshSpecs(_ flag: Flag) -> [String] {
    let repeats = flag.isRepeatable ? "*" : ""
    return flag.completed.map { spelling in
      let value =
        switch flag.valueForm {
        case .none: ""
        case .words(let words): ":value:(\(words.joined(separator: " ")))"
        case .file: ":file:_files"
        case .folder: ":directory:_files -/"
        case .any: ":value:"
        }
      var mark = ""
      if case .value = flag.kind { mark = "=" }
      if case .optionalValue = flag.kind { mark = "=-" }
      let optional = mark == "=-" && !value.isEmpty ? ":" + value : value
      return single("\(repeats)\(spelling)\(mark)[\(plain(flag.firstSentence))]\(optional)")
    }
  }

  /// Without the characters that a description of zsh would need to escape.
  private static func plain(_ text: String) -> String {
    String(text.filter { !"[]:\\`'".contains($0) })
  }

  private static func single(_ text: String) -> String {
    "'" + text.replacing("'", with: "'\\''") + "'"
  }

  // MARK: fish

  private static func fish(_ commands: [CommandDescription]) -> String {
    let names = commands.map(\.name).joined(separator: " ")
    var text = """
      # fish completion for weir, written by `weir completion fish`.
      complete -c weir -f
      function __weir_takes_flags
          not __fish_seen_subcommand_from \(commands.filter { $0.flags == nil }.map(\.name).joined(separator: " "))
      end

      """
    for command in commands {
      text +=
        "complete -c weir -n 'not __fish_seen_subcommand_from \(names)' -a \(command.name) -d \(single(plain(command.summary)))\n"
      let here = "-n '__fish_seen_subcommand_from \(command.name)'"
      for word in command.words {
        text +=
          word.hasPrefix("--")
          ? "complete -c weir \(here) -l \(word.dropFirst(2))\n"
          : "complete -c weir \(here) -a \(word)\n"
      }
      if command.takesFiles { text += "complete -c weir \(here) -F\n" }
      for flag in command.flags?.own ?? [] { text += fishLines(flag, here) }
    }
    for flag in FlagTable.daemon.flags { text += fishLines(flag, "-n __weir_takes_flags") }
    return text
  }

  private static func fishLines(_ flag: Flag, _ condition: String) -> String {
    flag.completed.map { spelling in
      let value =
        switch flag.valueForm {
        case .none: ""
        case .words(let words): " -x -a \(single(words.joined(separator: " ")))"
        case .file, .folder: " -r -F"
        case .any: " -x"
        }
      return
        "complete -c weir \(condition) -l \(spelling.dropFirst(2))\(value) -d \(single(plain(flag.firstSentence)))\n"
    }.joined()
  }
}
