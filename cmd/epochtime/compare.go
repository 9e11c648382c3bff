package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// compareFlags are what 'epochtime compare' takes.
type compareFlags struct {
	threshold      percentFlag
	allowDifferent bool
	history        historyFlags
	json           string
}

func newCompare(s streams) *cobra.Command {
	f := &compareFlags{threshold: compare.DefaultThreshold}
	cmd := &cobra.Command{
		Use:   "compare BASE [NEW]",
		Short: "Compare two records and say what became slower",
		Long: `Compares what two records measured, graph by graph with the same settings: files
that --json has written, or records of the history (@last, @last~2, @tag:main,
@ID). One record of 'epochtime ab' alone compares its side B with its side A.

The ratio is new over base, of seconds an epoch, or an example where samples
differ.

  slower        the interval lies above 1, the ratio above the threshold
  faster        likewise below
  same          the whole interval lies within the threshold
  inconclusive  everything else; the launches that a verdict takes are named

Records of one session are compared block by block. Records of two sessions are
judged by how far this machine's sessions differ where nothing was changed:
'epochtime doctor --noise' measures that, and until it has done so often enough
they are inconclusive. The error rate, 1 %, is for all configurations together.

Exit codes: 0 faster or same, 3 any is slower, 4 any is undecided.`,
		Example: `  epochtime ab linear --a executor= --b executor=caller-thread --json ab.json
  epochtime compare ab.json
  epochtime compare ab.json --threshold 10%`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return usagef("name two records, files or @ of the history, as in 'epochtime compare base.json new.json'")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return f.run(s, args) },
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().Var(&f.threshold, "threshold", "the change that matters, as in 5% or 0.05")
	cmd.Flags().BoolVar(&f.allowDifferent, "allow-different", false, "compare graphs that were exported anew between the records")
	f.history.add(cmd.Flags())
	cmd.Flags().StringVar(&f.json, "json", "", "`FILE` the comparison goes to as JSON (- is stdout)")
	return cmd
}

func (f *compareFlags) run(s streams, args []string) error {
	to, err := openOutput("--json", f.json, s.out)
	if err != nil {
		return err
	}
	base, err := f.history.record(args[0])
	if err != nil {
		return err
	}
	changed := base
	if len(args) == 2 {
		if changed, err = f.history.record(args[1]); err != nil {
			return err
		}
	} else if base.Plan.Kind != record.KindAB {
		return usagef("%s has no two sides: name a second record to compare it with", args[0])
	}
	o := compare.Options{Threshold: float64(f.threshold), AllowDifferent: f.allowDifferent, Noise: f.history.noise(changed)}
	c, err := compare.Records(base, changed, o)
	if err != nil {
		return fmt.Errorf("%s: %w", strings.Join(args, " and "), err)
	}
	if f.json != "-" {
		report.Comparison(s.out, c, o, widthOf(s.out))
	}
	err = to.Fill(func(w io.Writer) error { return writeComparison(w, c, f.threshold) })
	if err != nil {
		return err
	}
	return verdictError(c.Verdict())
}

// comparisonJSON is the JSON form of a comparison, "schema" 1.
type comparisonJSON struct {
	Schema        int           `json:"schema"`
	Verdict       string        `json:"verdict"`
	Threshold     float64       `json:"threshold"`
	SameSession   bool          `json:"same_session"`
	GeometricMean record.Number `json:"geometric_mean"`
	Pairs         []pairJSON    `json:"pairs"`
	Doubts        []string      `json:"doubts"`
	OnlyBase      []string      `json:"only_base"`
	OnlyNew       []string      `json:"only_new"`
}

type pairJSON struct {
	Title         string        `json:"title"`
	Graph         string        `json:"graph"`
	Config        record.Config `json:"config"` // of the new side
	PerExample    bool          `json:"per_example"`
	Ratio         record.Number `json:"ratio"`
	Low           record.Number `json:"low"`
	High          record.Number `json:"high"`
	Confidence    float64       `json:"confidence"`
	Blocks        int           `json:"blocks"`
	Verdict       string        `json:"verdict"`
	Doubts        []string      `json:"doubts"`
	Needed        int           `json:"needed_launches"`
	NeededSeconds float64       `json:"needed_s"`
}

// writeComparison writes a comparison as JSON.
func writeComparison(w io.Writer, c *compare.Comparison, threshold percentFlag) error {
	out := comparisonJSON{
		Schema: 1, Verdict: string(c.Verdict()), Threshold: float64(threshold), SameSession: c.SameSession,
		GeometricMean: record.Number(c.GeometricMean), Pairs: []pairJSON{},
		Doubts: full(c.Doubts), OnlyBase: full(c.OnlyBase), OnlyNew: full(c.OnlyNew),
	}
	for _, p := range c.Pairs {
		needed := p.NeededSeconds()
		if math.IsInf(needed, 0) || math.IsNaN(needed) {
			needed = 0
		}
		out.Pairs = append(out.Pairs, pairJSON{
			Title: p.Title, Graph: p.New.Graph.Name, Config: p.New.Config, PerExample: p.PerExample,
			Ratio: record.Number(p.Ratio.Median), Low: record.Number(p.Ratio.Low), High: record.Number(p.Ratio.High),
			Confidence: p.Ratio.Confidence, Blocks: p.Ratio.Blocks, Verdict: string(p.Verdict), Doubts: full(p.Doubts),
			Needed: p.Needed, NeededSeconds: needed,
		})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(out); err != nil {
		return fmt.Errorf("writing the comparison: %w", err)
	}
	return nil
}

// full is a list that JSON shows as [] where it is empty.
func full(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
