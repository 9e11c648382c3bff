package main

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"

	"epochtime/harness/record"
)

var manDir = flag.String("man", "", "write the manual pages into this folder")

// TestManPages makes the manual pages, in the folder of -man if it is given, and
// checks that each command has a page with all of its flags. It is a test because
// the program itself has no use for the generator.
func TestManPages(t *testing.T) {
	dir := *manDir
	if dir == "" {
		dir = t.TempDir()
	}
	root := newRoot(newStreams(strings.NewReader(""), io.Discard, io.Discard))
	root.DisableAutoGenTag = true
	root.InitDefaultCompletionCmd()
	commands := tree(root)
	for _, c := range commands {
		c.Long = manText(c.Long)
	}
	header := &doc.GenManHeader{Source: "epochtime " + record.Program, Manual: "epochtime"}
	if err := doc.GenManTree(root, header, dir); err != nil {
		t.Fatal(err)
	}
	for _, c := range commands {
		page, err := os.ReadFile(filepath.Join(dir, strings.ReplaceAll(c.CommandPath(), " ", "-")+".1"))
		if err != nil {
			t.Error(err)
			continue
		}
		c.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && !strings.Contains(string(page), `--`+f.Name) && !strings.Contains(string(page), strings.ReplaceAll("--"+f.Name, "-", `\-`)) {
				t.Errorf("the page of %s lacks --%s", c.CommandPath(), f.Name)
			}
		})
	}
}

// tree returns a command and all below it that are shown.
func tree(c *cobra.Command) []*cobra.Command {
	out := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && !sub.IsAdditionalHelpTopicCommand() {
			out = append(out, tree(sub)...)
		}
	}
	return out
}

// manText returns a help text as Markdown: indented lines are laid out as they are.
func manText(text string) string {
	var out strings.Builder
	before := ""
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "  ") {
			if !strings.HasPrefix(before, "  ") {
				out.WriteString("\n")
			}
			out.WriteString("    ")
		}
		out.WriteString(line)
		before = line
	}
	return out.String()
}

func TestManText(t *testing.T) {
	got := manText("A text:\n  a  one\n  b  two\n\nMore.\n")
	if want := "A text:\n\n      a  one\n      b  two\n\nMore.\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
