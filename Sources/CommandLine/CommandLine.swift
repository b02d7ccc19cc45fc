// CommandLine — commands as values: what a program can do, told once, used three times.
//
//     Command tree ──▶ CommandParser ──▶ Invocation (command, values)  ──▶ the command's action
//          │               └──▶ UsageError (what, where, what to do)
//          └─────────▶ HelpText (the screen of `--help`)
//
// A `Command` is a plain value: name, summary, arguments, options, examples, sub-commands. The
// parser and the help screen are pure functions of that value, so that they cannot disagree, and
// tests compare every screen of the program whole. Actions live with the executables; this room
// never prints and never exits.
//
// Rules: long options everywhere (`--name VALUE` and `--name=VALUE`), short ones only for the
// common; options and arguments may be mixed; `--` ends the options; unknown words get "did you
// mean".
