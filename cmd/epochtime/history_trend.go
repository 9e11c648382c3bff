package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"epochtime/harness/changes"
	"epochtime/harness/report"
	"epochtime/harness/store"
)

func newHistoryTrend(s streams, h *historyFlags) *cobra.Command {
	var f filterFlags
	var rows int
	cmd := &cobra.Command{
		Use: "trend GRAPH", Short: "Plot a graph's epoch time over its records, with its changes", Args: wants(1, 1, "one GRAPH"),
		Long: `Plots the epoch times of one graph on one machine in one configuration, that of
the newest record. Names the points where they changed: when, by how much, and
the record's label commit. A gradual change is found some sessions after it
began. docs/history.md says how soon, and how often a change found is false.`,
		Example: "  epochtime history trend cnn\n  epochtime history trend cnn --since 90d --rows 30",
		ValidArgsFunction: func(_ *cobra.Command, named []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(named) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return graphNames(defaultRoot()), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			f.graph = args[0]
			db, filter, err := h.filtered(f)
			if err != nil {
				return err
			}
			defer db.Close()
			trend, err := db.Trend(filter)
			if err != nil {
				return err
			}
			if len(trend.Points) == 0 {
				return fmt.Errorf("%w: no measured record of graph %s in %s: 'epochtime run %[2]s' makes one", store.ErrNone, args[0], db.Path())
			}
			report.Trend(s.out, trend, changes.Find(trend.Seconds(), changes.Options{}), rows, widthOf(s.out))
			return nil
		},
	}
	f.add(cmd.Flags(), 0)
	_ = cmd.Flags().MarkHidden("graph") // it is the argument
	cmd.Flags().IntVar(&rows, "rows", 10, "`N` newest sessions in the table below the curve")
	return cmd
}
