package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mattn/go-shellwords"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
)

// printed is a command line of this program in help, in a page or in a message.
type printed struct {
	where string
	words []string // the first is the program
	// mention: named in a sentence, not to be pasted. Arguments may be missing,
	// and values may be placeholders.
	mention bool
}

func (p printed) String() string { return p.where + ": " + strings.Join(p.words, " ") }

// Every command that is printed anywhere is one that the program takes.
func TestPrintedCommandsParse(t *testing.T) {
	commands, err := everyCommand(moduleRoot)
	if err != nil {
		t.Fatal(err)
	}
	exporter, err := exporterFlags(moduleRoot)
	if err != nil {
		t.Fatal(err)
	}
	whole := 0
	for _, p := range commands {
		if !p.mention {
			whole++
		}
		if err := p.misuse(exporter); err != nil {
			t.Errorf("%v: %v", p, err)
		}
	}
	if whole < 60 || len(commands) < whole+40 {
		t.Errorf("only %d commands and %d mentions found: are they written as this test expects?", whole, len(commands)-whole)
	}
}

// The check itself finds what it is for.
func TestMisuse(t *testing.T) {
	const page = "Say `epochtime sing` or\n`epochtime ab NAME\n--c X`, not `epochtime VERB --help` or `epochtime compare`.\n\n" +
		"```\n" +
		"A=1 bin/epochtime list extra   # a comment\n" +
		"cd x && ./epochtime run cnn --lunches 3\n" +
		"bin/epochtime run \\\n  cnn --launches many | cat\n" +
		"cat >epochtime.py <<'EOF'\nepochtime lies\nEOF\n" +
		"epochtime compare\n" +
		"epochtime export cnn --jet\n" +
		"epochtime export cnn --jit >log\n" +
		"epochtime export train.py -- --width 64\n" +
		"epochtime run -m pkg.train --fit 2 -- --lunches 3\n" +
		"mkdir epochtime && cd epochtime\n" +
		"```\n"
	commands, err := inMarkdown("page", page)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range commands {
		verdict := "ok"
		if p.misuse([]string{"--jit"}) != nil {
			verdict = "misuse"
		}
		got = append(got, verdict+" "+strings.Join(p.words[1:], " "))
	}
	want := []string{
		"misuse list extra", "misuse run cnn --lunches 3", "misuse run cnn --launches many", "misuse compare", "misuse export cnn --jet", "ok export cnn --jit",
		"ok export train.py -- --width 64", "ok run -m pkg.train --fit 2 -- --lunches 3",
		"misuse sing", "misuse ab NAME --c X", "ok VERB --help", "ok compare",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// printedCommands VERB…: runs every whole command of these verbs that is printed
// anywhere, in order. Their exit codes may be those of a verdict.
func printedCommands(ts *testscript.TestScript, neg bool, verbs []string) {
	if neg || len(verbs) == 0 {
		ts.Fatalf("usage: printed VERB…")
	}
	commands, err := everyCommand(moduleRoot)
	ts.Check(err)
	ran := 0
	for _, p := range commands {
		// There is no Parquet file here.
		if p.mention || len(p.words) < 2 || !slices.Contains(verbs, p.words[1]) || strings.Contains(p.String(), ".parquet") {
			continue
		}
		ran++
		var args []string
		for _, word := range p.words[1:] { // as a shell does
			matches, _ := filepath.Glob(ts.MkAbs(word))
			if !strings.Contains(word, "*") || matches == nil {
				matches = []string{word}
			}
			args = append(args, matches...)
		}
		err := ts.Exec("epochtime", args...)
		var exit *exec.ExitError
		if err != nil && !(errors.As(err, &exit) && exit.ExitCode() >= 3) {
			ts.Fatalf("%v: %v", p, err)
		}
	}
	if ran == 0 {
		ts.Fatalf("no command of %q is printed anywhere", verbs)
	}
}

// moduleRoot is where the pages are, seen from this package.
var moduleRoot = filepath.Join("..", "..")

// everyCommand is all that pages, help and messages print.
func everyCommand(root string) (out []printed, err error) {
	err = texts(root, []string{"*.md", "docs/*.md", "graphs/*.md"}, func(name, text string) error {
		found, err := inMarkdown(name, text)
		out = append(out, found...)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, cmd := range withSubcommands(newRoot(silent)) {
		found, err := inShell(cmd.CommandPath()+" --help", cmd.Example)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	// The exporter prints its own help, with its program's name in place of this.
	err = texts(root, []string{"pygen/cli.py"}, func(name, text string) error {
		found, err := inShell(name, strings.ReplaceAll(text, "{program}", "epochtime"))
		out = append(out, found...)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = texts(root, []string{"cmd/*/*.go", "harness/*/*.go", "harness/*/*/*.go"}, func(name, text string) error {
		if !strings.HasSuffix(name, "_test.go") {
			out = append(out, inQuotes(name, text)...)
		}
		return nil
	})
	return out, err
}

// silent is for commands that are looked at, not run.
var silent = newStreams(strings.NewReader(""), io.Discard, io.Discard)

func withSubcommands(cmd *cobra.Command) []*cobra.Command {
	out := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		out = append(out, withSubcommands(sub)...)
	}
	return out
}

// texts reads the files that match a pattern; each matches some.
func texts(root string, patterns []string, use func(name, text string) error) error {
	for _, pattern := range patterns {
		names, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			return err
		}
		if names == nil {
			return fmt.Errorf("no file in %s is %s", root, pattern)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			if err := use(filepath.Base(name), string(data)); err != nil {
				return err
			}
		}
	}
	return nil
}

var (
	fence = regexp.MustCompile("(?ms)^```[a-z]*\n(.*?)^```$")
	span  = regexp.MustCompile("`((?:bin/)?epochtime(?:\\s[^`]*)?)`")
	// In Go, commands stand in quotes, also over lines of a comment.
	quoted = regexp.MustCompile(`'(epochtime\s[^'%]*)'`)
	// A command begins a line, or follows another one or settings of its environment.
	begins    = regexp.MustCompile(`(?:^|&&|[;|(]|\bexec\s)\s*(?:[A-Z_]+=\S*\s+)*((?:\./|bin/)?epochtime(?:\s.*)?$)`)
	heredoc   = regexp.MustCompile(`(?s)<<'?EOF'?.*?\nEOF\n`)
	continued = regexp.MustCompile(`\\\n\s*`)
	comment   = regexp.MustCompile(`\s#\s.*$`)
)

// inMarkdown finds the commands of a page: whole ones in its blocks, mentions in
// its text.
func inMarkdown(where, text string) (out []printed, err error) {
	for _, block := range fence.FindAllStringSubmatch(text, -1) {
		found, err := inShell(where, block[1])
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	for _, found := range span.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		words, err := shellwords.Parse(strings.Join(strings.Fields(found[1]), " "))
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", where, found[1], err)
		}
		out = append(out, printed{where, words, true})
	}
	return out, nil
}

// inShell finds whole commands, each up to a comment or an operator.
func inShell(where, text string) (out []printed, err error) {
	text = continued.ReplaceAllString(heredoc.ReplaceAllString(text, "\n"), " ")
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "(") {
			line = strings.TrimSuffix(line, ")")
		}
		found := begins.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		words, err := shellwords.Parse(comment.ReplaceAllString(found[1], ""))
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", where, line, err)
		}
		out = append(out, printed{where, words, false})
	}
	return out, nil
}

func inQuotes(where, text string) (out []printed) {
	for _, found := range quoted.FindAllStringSubmatch(text, -1) {
		out = append(out, printed{where, strings.Fields(strings.ReplaceAll(found[1], "\n// ", " ")), true})
	}
	return out
}

// exporterFlags are the flags that 'epochtime export' hands to Python.
func exporterFlags(root string) (out []string, err error) {
	err = texts(root, []string{"pygen/*.py"}, func(_, text string) error {
		for _, found := range regexp.MustCompile(`"(--[a-z-]+)"`).FindAllStringSubmatch(text, -1) {
			out = append(out, found[1])
		}
		return nil
	})
	return out, err
}

// misuse says why the program would refuse a command; nil where it would not.
// exporter are the flags of the exporter.
func (p printed) misuse(exporter []string) error {
	args := p.words[1:]
	if p.mention && len(args) > 0 && args[0] == "VERB" {
		return nil
	}
	root := newRoot(silent)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if cmd == root && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		return fmt.Errorf("no verb %q", rest[0])
	}
	cmd.InitDefaultHelpFlag()
	if !cmd.DisableFlagParsing && !p.mention {
		if err := cmd.ParseFlags(rest); err != nil {
			return err
		}
		return cmd.ValidateArgs(cmd.Flags().Args())
	}
	for _, word := range rest {
		if word == "--" { // the arguments of a script follow
			break
		}
		flag, _, _ := strings.Cut(word, "=")
		if !strings.HasPrefix(flag, "--") || cmd.Flag(flag[2:]) != nil {
			continue
		}
		if !cmd.DisableFlagParsing || !slices.Contains(exporter, flag) {
			return fmt.Errorf("%s has no flag %s", cmd.CommandPath(), flag)
		}
	}
	return nil
}
