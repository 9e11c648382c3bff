package main

import (
	"io"

	"github.com/spf13/cobra"

	"epochtime/harness/report"
	"epochtime/harness/store"
)

func newHistoryBest(s streams, h *historyFlags) *cobra.Command {
	var json string
	cmd := &cobra.Command{
		Use: "best", Short: "List the best settings that are known", Args: noArgs,
		Long: `Lists what 'epochtime tune' has found to be fastest, the newest first: of each
graph, machine, TensorFlow and work the newest search that could tell. These are
what --settings best uses. A search that is removed from the history is
forgotten.`,
		Example: "  epochtime history best\n  epochtime history best --json -",
		RunE: func(*cobra.Command, []string) error {
			to, err := openOutput("--json", json, s.out)
			if err != nil {
				return err
			}
			db, err := h.need()
			if err != nil {
				return err
			}
			defer db.Close()
			found, err := db.Bests()
			if err != nil {
				return err
			}
			if err := to.Fill(func(w io.Writer) error { return store.WriteBestJSON(w, found) }); err != nil || json == "-" {
				return err
			}
			report.Bests(s.out, found, widthOf(s.out))
			return nil
		},
	}
	cmd.Flags().StringVar(&json, "json", "", jsonList)
	return cmd
}
