package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"epochtime/harness/fleet"
	"epochtime/harness/page"
	"epochtime/harness/report/formats"
	"epochtime/internal/harmless"
)

// formatHTML is the format of the page, which holds several records.
const formatHTML = "html"

// reportFormats are the formats of 'epochtime report'.
func reportFormats() []string { return append(formats.Names(), formatHTML) }

func measureNames() []string {
	var out []string
	for _, m := range fleet.Measures() {
		out = append(out, string(m))
	}
	return out
}

// complete offers records: several for a page, else one.
func (f *reportFlags) complete(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	most := 1
	if f.format == formatHTML {
		most = 0
	}
	return completeRecords(&f.history, most)(cmd, args, typed)
}

// page writes the page of the records, and warns of what makes its numbers doubtful.
func (f *reportFlags) page(s streams, names []string) error {
	to, err := openOutput("--out", f.out, s.out, append([]string{f.prices.file}, names...)...)
	if err != nil {
		return err
	}
	var list []fleet.Source
	for _, name := range names {
		rec, err := f.record(s, name)
		if err != nil {
			return err
		}
		if err := f.prices.tell(s.err, rec); err != nil {
			return err
		}
		list = append(list, fleet.Source{Name: name, Record: rec})
	}
	merged, err := fleet.Merge(list, fleet.Options{Rank: fleet.Measure(f.rank), AllowDifferent: f.allowDifferent, Now: time.Now()})
	if err != nil {
		return fmt.Errorf("%s: %w", strings.Join(names, ", "), err)
	}
	for _, text := range merged.Warnings {
		fmt.Fprintln(s.err, harmless.Hanging("warning: "+text))
	}
	return to.Fill(func(w io.Writer) error { return page.Write(w, merged) })
}
