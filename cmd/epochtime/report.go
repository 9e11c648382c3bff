package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"epochtime/harness/compare"
	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/report/formats"
)

// reportFlags are what 'epochtime report' takes.
type reportFlags struct {
	format         string
	out            string
	epochs         bool
	base           string
	threshold      percentFlag
	allowDifferent bool
	prices         priceFlags
	rank           string
	history        historyFlags
}

func newReport(s streams) *cobra.Command {
	f := &reportFlags{}
	cmd := &cobra.Command{
		Use:   "report FILE|@RECORD...",
		Short: "Write a record in another format, or several as a page",
		Long: `Writes a record in another format. The record is a file that --json has written,
- for stdin, or one of the history, such as @last. With --base, the formats
text, markdown, openmetrics and junit also compare each configuration with
another record. A record of an ab or a tune compares its own two sides.

With --format html it takes several records, of one machine or of several, and
writes a page: models by machines, ranked by --rank, with plots, fingerprints,
warnings and commands. The page is one file, without scripts or links.

  text         the tables that were printed when it was measured
  markdown     tables for a pull request or a web page
  csv          a row per launch with all settings, or per epoch with --epochs
  json         the record itself
  benchfmt     a line per launch, for benchstat
  openmetrics  gauges for the textfile collector of node_exporter (FILE.prom)
  junit        a test case per configuration, for a CI server
  mllog        the events of each launch, as MLPerf logs them
  html         a page for people, of one record or several

Each says what of a script's own training is not in the times.

The exit code says whether the report was written, not what is in it. Use
'epochtime compare' or 'epochtime ab' for exit codes of verdicts.`,
		Example: `  epochtime run cnn --json cnn.json
  epochtime report cnn.json --format markdown
  epochtime report cnn.json --format csv --epochs --out cnn.csv
  epochtime report new.json --format junit --base old.json
  epochtime report cnn.json all.json --format html -o report.html`,
		Args:              func(_ *cobra.Command, args []string) error { return f.check(args) },
		ValidArgsFunction: f.complete,
		RunE: func(_ *cobra.Command, args []string) error {
			if f.format == formatHTML {
				return f.page(s, args)
			}
			return f.run(s, args[0])
		},
	}
	f.add(cmd)
	return cmd
}

// add adds the flags.
func (f *reportFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.format, "format", "text", "`NAME` "+strings.Join(reportFormats(), ", "))
	flags.StringVarP(&f.out, "out", "o", "-", "write to `FILE`; - is stdout")
	flags.BoolVar(&f.epochs, "epochs", false, "with csv, a row per epoch, including warm-up")
	flags.StringVar(&f.base, "base", "", "`FILE` record to compare with; @RECORD is one of the history")
	flags.Var(&f.threshold, "threshold", "smallest change that matters, such as 5% or 0.05 (default: the record's own, or 5%)")
	flags.BoolVar(&f.allowDifferent, "allow-different", false, "compare graphs that were exported anew between the records; with html, show them apart")
	flags.StringVar(&f.rank, "rank", string(fleet.Time), "with html, `WHAT` machines are ranked by: "+strings.Join(measureNames(), ", "))
	f.prices.addFile(flags)
	f.history.add(flags)
	_ = cmd.RegisterFlagCompletionFunc("base", completeRecords(&f.history, 0))
}

func (f *reportFlags) check(args []string) error {
	known := reportFormats()
	switch {
	case !slices.Contains(known, f.format):
		return usagef("--format %q%s", f.format, cmp.Or(suggestion(f.format, known), ": there are "+strings.Join(known, ", ")))
	case len(args) == 0, len(args) > 1 && f.format != formatHTML:
		return usagef("name one record, as in 'epochtime report cnn.json'; --format html takes several")
	case len(slices.DeleteFunc(slices.Clone(args), func(name string) bool { return name != "-" })) > 1:
		return usagef("- is named twice: stdin holds one record")
	case f.epochs && f.format != "csv":
		return usagef("--epochs is for --format csv")
	case f.base != "" && f.format == formatHTML:
		return usagef("--base: name both records in place of it, as in 'epochtime report old.json new.json --format html'")
	case f.threshold != 0 && f.format == formatHTML:
		return usagef("--threshold: a page judges two sides by the record's own: leave it out")
	case f.base != "" && !slices.Contains([]string{"text", "markdown", "openmetrics", "junit"}, f.format):
		return usagef("--base: %s has no place for a comparison: leave it out, or use 'epochtime compare'", f.format)
	case !slices.Contains(measureNames(), f.rank):
		return usagef("--rank %q%s", f.rank, cmp.Or(suggestion(f.rank, measureNames()), ": machines are ranked by "+strings.Join(measureNames(), ", ")))
	case f.rank != string(fleet.Time) && f.format != formatHTML:
		return usagef("--rank is for --format html")
	}
	return nil
}

func (f *reportFlags) run(s streams, name string) error {
	open := openOutput
	if f.format == "json" {
		open = openRecord
	}
	to, err := open("--out", f.out, s.out, name, f.base, f.prices.file)
	if err != nil {
		return err
	}
	rec, err := f.record(s, name)
	if err != nil {
		return err
	}
	if err := f.prices.tell(s.err, rec); err != nil {
		return err
	}
	c, err := f.comparison(s, rec)
	if err != nil {
		return err
	}
	width := 0
	if f.out == "-" {
		width = widthOf(s.out)
	}
	text, err := formats.Write(f.format, rec, formats.Options{Width: width, Epochs: f.epochs, Comparison: c, Threshold: float64(f.threshold)})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return to.Write(text)
}

// record reads a record file, one of the history, or one from stdin.
func (f *reportFlags) record(s streams, name string) (*record.Record, error) {
	if name != "-" {
		return f.history.record(name)
	}
	rec, err := record.Read(s.in)
	if err != nil {
		return nil, fmt.Errorf("stdin: %w", err)
	}
	return rec, nil
}

// comparison returns the comparison with --base, or of the record's own two sides;
// nil where there is nothing to compare with.
func (f *reportFlags) comparison(s streams, rec *record.Record) (*compare.Comparison, error) {
	o := compare.Options{Threshold: report.Threshold(float64(f.threshold), rec), AllowDifferent: f.allowDifferent, Noise: f.history.noise(rec)}
	if f.base != "" {
		base, err := f.record(s, f.base)
		if err != nil {
			return nil, err
		}
		c, err := compare.Records(base, rec, o)
		if err != nil {
			return nil, fmt.Errorf("comparing with --base %s: %w", f.base, err)
		}
		return c, nil
	}
	if !slices.Contains([]string{record.KindAB, record.KindTune, record.KindExplain}, rec.Plan.Kind) {
		return nil, nil
	}
	c, err := compare.Records(rec, rec, o)
	if errors.Is(err, compare.ErrNothing) { // it has no two sides
		return nil, nil
	}
	return c, err
}
