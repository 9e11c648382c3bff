package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"epochtime/harness/report"
)

// Columns of help.
const (
	helpWidth = 80
	helpLeft  = 24 // for the names of flags
)

// layoutHelp wraps the texts of flags in help, which cobra does not do.
func layoutHelp(root *cobra.Command) {
	cobra.AddTemplateFunc("flagHelp", flagHelp)
	template := root.UsageTemplate()
	for _, set := range []string{"LocalFlags", "InheritedFlags"} {
		template = strings.ReplaceAll(template, "{{."+set+".FlagUsages | trimTrailingWhitespaces}}", "{{flagHelp ."+set+"}}")
	}
	root.SetUsageTemplate(template)
}

// groupKey is the annotation of a flag with the heading of its group.
const groupKey = "group"

// flagHelp returns the help of flags, with the groups last, each under its heading.
func flagHelp(flags *pflag.FlagSet) string {
	var out []string
	groups := map[string][]string{}
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		lines := oneFlagHelp(f)
		if heading := f.Annotations[groupKey]; len(heading) > 0 {
			groups[heading[0]] = append(groups[heading[0]], lines...)
			return
		}
		out = append(out, lines...)
	})
	for _, heading := range slices.Sorted(maps.Keys(groups)) {
		out = append(out, "", report.Wrap("", heading, helpWidth))
		out = append(out, groups[heading]...)
	}
	return strings.Join(out, "\n")
}

// oneFlagHelp returns the lines of a flag's help. A long name has a line of its own.
func oneFlagHelp(f *pflag.Flag) (lines []string) {
	value, text := pflag.UnquoteUsage(f)
	if strings.HasPrefix(f.Usage, "`") { // `VALUE` text
		text = strings.TrimPrefix(text, value+" ")
	}
	name := "  --" + f.Name
	if f.Shorthand != "" {
		name = "  -" + f.Shorthand + ", --" + f.Name
	}
	if value != "" {
		name += " " + value
	}
	if !slices.Contains([]string{"", "0", "0s", "0%", "false", "[]"}, f.DefValue) {
		text += fmt.Sprintf(" (default %s)", short(f.DefValue))
	}
	if len(name)+2 > helpLeft {
		lines, name = append(lines, name), ""
	}
	return append(lines, report.Wrap(fmt.Sprintf("%-*s", helpLeft, name), text, helpWidth))
}

// flagError returns the error for a wrong flag, with a hint.
func flagError(cmd *cobra.Command, err error) error {
	hint := fmt.Sprintf(": see '%s --help'", cmd.CommandPath())
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		var have []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { have = append(have, "--"+f.Name) })
		if similar := suggestion("--"+unknown.GetSpecifiedName(), have); similar != "" {
			hint = similar
		}
	}
	return usagef("%w%s", err, hint)
}

// suggestion returns ": did you mean …?" if one of have is close to typed, or else "".
func suggestion(typed string, have []string) string {
	best, distance := "", len(strings.TrimLeft(typed, "-"))/2+1
	for _, h := range have {
		if d := levenshtein.ComputeDistance(typed, h); d < distance {
			best, distance = h, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(": did you mean %q?", best)
}

// short leaves the zeros out of a duration, such as 3m0s or 1h0m0s.
func short(value string) string {
	if d, err := time.ParseDuration(value); err != nil || d < time.Minute {
		return value
	}
	return strings.NewReplacer("h0m0s", "h", "m0s", "m").Replace(value)
}
