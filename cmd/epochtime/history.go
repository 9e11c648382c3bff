package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"epochtime/harness/report"
	"epochtime/harness/store"
)

// filterFlags choose records of the history.
type filterFlags struct {
	graph, tag, machine string
	labels              []string
	since               timeFlag
	limit               int
}

func (f *filterFlags) add(flags *pflag.FlagSet, limit int) {
	flags.StringVar(&f.graph, "graph", "", "`NAME` only records with a run of this graph")
	flags.StringArrayVar(&f.labels, "label", nil, "`KEY=VALUE` only records with this label (repeatable)")
	flags.StringVar(&f.tag, "tag", "", "`NAME` only the record with this tag")
	flags.Var(&f.since, "since", "only records that began since then: 30d or 12h ago, or 2026-03-01")
	flags.StringVar(&f.machine, "machine", "", "`NAME` only records measured on this machine: its name or host name")
	flags.IntVar(&f.limit, "limit", limit, "`N` at most the newest N records; 0 is all")
}

func (f *filterFlags) filter() (store.Filter, error) {
	labels, err := pairs("--label", f.labels)
	if err == nil && f.limit < 0 {
		err = usagef("--limit %d is negative", f.limit)
	}
	return store.Filter{Graph: f.graph, Labels: labels, Tag: f.tag, Machine: f.machine, Since: time.Time(f.since), Limit: f.limit}, err
}

// timeFlag is a moment: so long ago, or a date.
type timeFlag time.Time

func (t *timeFlag) String() string { return "" }
func (t *timeFlag) Type() string   { return "TIME" }

func (t *timeFlag) Set(text string) error {
	if at, err := time.ParseInLocation(time.DateOnly, text, time.Local); err == nil && at.Year() >= 1970 && at.Year() < 2200 { // as nanoseconds can hold
		*t = timeFlag(at)
		return nil
	}
	ago, err := age(text)
	*t = timeFlag(time.Now().Add(-ago))
	return err
}

// age reads a time span; a day is 24 hours.
func age(text string) (time.Duration, error) {
	const most = 100 * 365 * 24 * time.Hour
	days, ok := strings.CutSuffix(text, "d")
	if n, err := strconv.ParseFloat(days, 64); ok && err == nil && n >= 0 && n <= most.Hours()/24 {
		return time.Duration(n * 24 * float64(time.Hour)), nil
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 && d <= most {
		return d, nil
	}
	return 0, errors.New("a time is such as 30d, 12h or 2026-03-01")
}

func newHistory(s streams) *cobra.Command {
	var f filterFlags
	var h historyFlags
	var json string
	list := func() error { return listHistory(s, h, f, json) }
	cmd := &cobra.Command{
		Use:   "history",
		Short: "List, name and plot earlier measurements",
		Long: `Lists the history: the records of every verb that measures, in one file.
Each record has an id, of which a unique prefix is enough. compare and report
take records of the history too: @last, @last~2 (the second before it),
@tag:main, @ID.`,
		Example: `  epochtime history
  epochtime history list --graph cnn --since 30d
  epochtime history tag @last main
  epochtime compare @tag:main @last
  epochtime history trend cnn`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			var verbs []string
			for _, c := range cmd.Commands() {
				verbs = append(verbs, c.Name())
			}
			return usagef("history has no verb %q%s", args[0], suggestion(args[0], verbs))
		},
		RunE: func(*cobra.Command, []string) error { return list() },
	}
	h.add(cmd.PersistentFlags())
	f.add(cmd.Flags(), listed)
	cmd.Flags().StringVar(&json, "json", "", jsonList)
	sub := &cobra.Command{
		Use: "list", Short: "List records, the newest first", Args: noArgs,
		Example: "  epochtime history list --graph cnn --label commit=abc --limit 0",
		RunE:    func(*cobra.Command, []string) error { return list() },
	}
	f.add(sub.Flags(), listed)
	sub.Flags().StringVar(&json, "json", "", jsonList)
	cmd.AddCommand(sub, newHistoryShow(s, &h), newHistoryTag(s, &h), newHistoryImport(s, &h), newHistoryExport(s, &h),
		newHistoryCheck(s, &h), newHistoryPrune(s, &h), newHistoryTrend(s, &h), newHistoryBest(s, &h))
	for _, c := range append(cmd.Commands(), cmd) {
		c.Flags().SortFlags = false
	}
	return cmd
}

// jsonList is the usage of --json of a list.
const jsonList = "write the list as JSON to `FILE`; - is stdout"

// listed is how many records a list shows where nobody says.
const listed = 30

// filtered opens the history and reads the filter's flags. The caller closes it.
func (h historyFlags) filtered(f filterFlags) (*store.Store, store.Filter, error) {
	filter, err := f.filter()
	if err != nil {
		return nil, filter, err
	}
	db, err := h.need()
	return db, filter, err
}

func listHistory(s streams, h historyFlags, f filterFlags, json string) error {
	to, err := openOutput("--json", json, s.out)
	if err != nil {
		return err
	}
	db, filter, err := h.filtered(f)
	if err != nil {
		return err
	}
	defer db.Close()
	entries, err := db.List(filter)
	if err != nil {
		return err
	}
	err = to.Fill(func(w io.Writer) error { return store.WriteJSON(w, entries) })
	if err != nil || json == "-" {
		return err
	}
	if len(entries) == 0 {
		fmt.Fprintf(s.out, "No such record in %s.\n", db.Path())
		return nil
	}
	fmt.Fprintln(s.out, report.History(entries, widthOf(s.out)))
	if len(entries) == f.limit {
		fmt.Fprintf(s.out, "\nThe newest %d; --limit 0 lists all.\n", f.limit)
	}
	return nil
}
