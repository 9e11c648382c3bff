package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/internal/harmless"
)

// compareFlags are what 'epochtime compare' takes.
type compareFlags struct {
	threshold      percentFlag
	allowDifferent bool
	prices         priceFlags
	history        historyFlags
	json           string
}

func newCompare(s streams) *cobra.Command {
	f := &compareFlags{}
	cmd := &cobra.Command{
		Use:   "compare BASE [NEW] | RECORD RECORD RECORD...",
		Short: "Compare two records, or rank several",
		Long: `Compares what records measured, graph by graph with the same settings. A record
is a file that --json has written, or one of the history (@last, @last~2,
@tag:main, @ID). Of one record of 'epochtime ab' or 'epochtime tune' alone, side
B is compared with side A.

Two records get a verdict on the time per epoch, or per example where samples
differ, of the new one against the base:

  slower        the interval excludes no change, and the change is above the
                threshold
  faster        the same, below
  same          the whole interval is within the threshold
  inconclusive  everything else; how many launches a verdict takes is shown

Beside it stands the smallest slowdown that would have been called slower, with
a probability of 95 %.

Three or more records are ranked, the fastest first, without a verdict: the exit
code is 0.

Records of one session are compared block by block. Records of two sessions are
judged by how far this machine's sessions differ where nothing was changed:
'epochtime doctor --noise' measures that, and until it has done so often enough
they are inconclusive. The error rate, 1 %, is for all configurations together.

Exit codes of a verdict: 0 faster or same, 1 a launch failed, 3 any is slower, 4
any is undecided, or only in the base.`,
		Example: `  epochtime ab linear --a executor= --b executor=thread-pool --json ab.json
  epochtime compare ab.json
  epochtime compare ab.json --threshold 10%
  epochtime compare base.json new.json
  epochtime compare base.json old.json new.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("name records, files or @ of the history, as in 'epochtime compare base.json new.json'")
			}
			return nil
		},
		ValidArgsFunction: completeRecords(&f.history, 0),
		RunE:              func(_ *cobra.Command, args []string) error { return f.run(s, args) },
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().Var(&f.threshold, "threshold", "smallest change that matters, such as 5% or 0.05 (default: the record's own, or 5%)")
	cmd.Flags().BoolVar(&f.allowDifferent, "allow-different", false, "compare graphs that were exported anew between the records")
	f.prices.addFile(cmd.Flags())
	f.history.add(cmd.Flags())
	cmd.Flags().StringVar(&f.json, "json", "", "write the comparison as JSON to `FILE`; - is stdout")
	return cmd
}

func (f *compareFlags) run(s streams, args []string) error {
	to, err := openOutput("--json", f.json, s.out, append([]string{f.prices.file}, args...)...)
	if err != nil {
		return err
	}
	list, err := f.records(s, args)
	if err != nil {
		return err
	}
	last := list[len(list)-1].Record
	o := compare.Options{Threshold: report.Threshold(float64(f.threshold), last), AllowDifferent: f.allowDifferent, Noise: f.history.noise(last)}
	var out io.Writer = s.out
	if f.json == "-" {
		out = io.Discard
	}
	if len(list) > 2 {
		ranked, err := compare.Rank(list, o)
		if err != nil {
			return fmt.Errorf("%s: %w", strings.Join(args, ", "), err)
		}
		report.Rankings(out, ranked, widthOf(out))
		report.CostRankings(out, list, ranked, widthOf(out))
		return to.Fill(ranked.WriteJSON)
	}
	base, changed := list[0].Record, last
	if kinds := []string{record.KindAB, record.KindTune, record.KindExplain}; len(list) == 1 && !slices.Contains(kinds, base.Plan.Kind) { // the last is refused with its reason
		return usagef("%s has no two sides: name a second record to compare it with", args[0])
	}
	c, err := compare.Records(base, changed, o)
	if err != nil {
		return fmt.Errorf("%s: %w", strings.Join(args, " and "), err)
	}
	report.Comparison(out, c, o, widthOf(out))
	report.CostComparison(out, base, changed, c, widthOf(out))
	if !c.SameSession && c.Verdict() == compare.Inconclusive {
		fmt.Fprintln(out, undecided(c, args))
	}
	if err := to.Fill(func(w io.Writer) error { return c.WriteJSON(w, o.Threshold) }); err != nil {
		return err
	}
	verdict := verdictError(c.Verdict())
	switch {
	case c.Failed():
		return errFailed
	case verdict == nil && len(c.OnlyBase) > 0: // what is missing was not compared
		return errInconclusive
	}
	return verdict
}

// records returns the records that args name, with the prices that they get.
func (f *compareFlags) records(s streams, args []string) ([]compare.Named, error) {
	var list []compare.Named
	for _, name := range args {
		rec, err := f.history.record(name)
		if err != nil {
			return nil, err
		}
		list = append(list, compare.Named{Name: name, Record: rec})
	}
	for _, named := range list { // once all are known to be there
		if err := f.prices.tell(s.err, named.Record); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// undecided says what can be done about two sessions without a verdict. args name their
// records.
func undecided(c *compare.Comparison, args []string) string {
	if c.TwoMachines {
		return "More launches on each machine narrow what is known of it (--launches);\n'epochtime report " + harmless.Command(args) + " --format html -o FILE' ranks the machines."
	}
	return "'epochtime doctor --noise' measures how far sessions of this machine differ;\n'epochtime ab' compares in one session."
}
