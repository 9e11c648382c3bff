package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"epochtime/harness/store"
)

func newHistoryCheck(s streams, h *historyFlags) *cobra.Command {
	return &cobra.Command{
		Use: "check", Short: "Verify all that the history holds", Args: noArgs,
		Long: `Verifies the file, a checksum of each row, and that each record can be read, is
valid and is listed as what it is. Names what is wrong. The exit code is then 1.`,
		Example: "  epochtime history check",
		RunE: func(*cobra.Command, []string) error {
			db, err := h.need()
			if err != nil {
				return err
			}
			defer db.Close()
			found, err := db.Check()
			if err != nil {
				return err
			}
			showChecked(s, db.Path(), found)
			if len(found.Problems) > 0 {
				return errFailed
			}
			return nil
		},
	}
}

func showChecked(s streams, path string, found *store.Checked) {
	for _, p := range found.Problems {
		fmt.Fprintln(s.out, p)
	}
	rows := fmt.Sprintf("%s, %s, %s", records(found.Records), counted(found.Tags, "tag", "tags"), counted(found.Noise, "measurement of noise", "measurements of noise"))
	if len(found.Problems) == 0 {
		fmt.Fprintf(s.out, "%s in %s: nothing is wrong.\n", rows, path)
		return
	}
	fmt.Fprintf(s.out, "\n%s in %s: %s.\n", rows, path, counted(len(found.Problems), "problem", "problems"))
	if slices.ContainsFunc(found.Problems, store.Problem.Removable) {
		fmt.Fprintln(s.out, "'epochtime history prune --damaged' removes the damaged rows.")
	}
	if slices.ContainsFunc(found.Problems, func(p store.Problem) bool { return !p.Removable() }) {
		fmt.Fprintln(s.out, "The file itself is damaged. 'epochtime history export --to DIR' writes what can be\nread of it, and 'epochtime history import' puts that into a new file.")
	}
}

// pruneDamaged removes what is damaged, or says what would be removed.
func pruneDamaged(s streams, db *store.Store, yes bool) error {
	var damaged []store.Problem
	if yes {
		var err error
		if damaged, err = db.RemoveDamaged(); err != nil {
			return err
		}
	} else {
		found, err := db.Check()
		if err != nil {
			return err
		}
		damaged = slices.DeleteFunc(found.Problems, func(p store.Problem) bool { return !p.Removable() })
	}
	for _, p := range damaged {
		fmt.Fprintln(s.out, p)
	}
	rows := counted(len(damaged), "damaged row", "damaged rows")
	if yes {
		fmt.Fprintf(s.out, "%s removed.\n", rows)
	} else {
		fmt.Fprintf(s.out, "%s would be removed; use --yes to remove.\n", rows)
	}
	return nil
}
