package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"epochtime/harness/report"
	"epochtime/harness/store"
	"epochtime/internal/atomicfile"
	"epochtime/internal/harmless"
)

// selector makes an id on the command line an expression of the store.
func selector(arg string) string {
	if strings.HasPrefix(arg, "@") {
		return arg
	}
	return "@" + arg
}

// wants checks the number of arguments.
func wants(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || most > 0 && len(args) > most {
			return usagef("%s takes %s: see '%s --help'", cmd.CommandPath(), what, cmd.CommandPath())
		}
		return nil
	}
}

func newHistoryShow(s streams, h *historyFlags) *cobra.Command {
	var json string
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show a record as it was shown when it was measured", Args: wants(1, 1, "one ID"),
		Example:           "  epochtime history show @last\n  epochtime history show @tag:main --json -",
		ValidArgsFunction: completeRecords(h, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			to, err := openRecord("--json", json, s.out)
			if err != nil {
				return err
			}
			rec, err := h.record(selector(args[0]))
			if err != nil {
				return err
			}
			if err := to.Fill(rec.Write); err != nil || json == "-" {
				return err
			}
			fmt.Fprintf(s.out, "record %s, begun %s, %s\n%s\n\n", rec.ID, rec.Started.Format("2006-01-02 15:04:05 -07:00"), rec.Status, harmless.Command(rec.Argv))
			report.Record(s.out, rec, report.Options{Width: widthOf(s.out)})
			return nil
		},
	}
	cmd.Flags().StringVar(&json, "json", "", "write the record to `FILE`; - is stdout")
	return cmd
}

func newHistoryTag(s streams, h *historyFlags) *cobra.Command {
	var remove bool
	cmd := &cobra.Command{
		Use: "tag ID NAME | --delete NAME", Short: "Give a record a name, such as main or release", Args: wants(1, 2, "ID NAME, or --delete NAME"),
		Example:           "  epochtime history tag @last main\n  epochtime history tag --delete main",
		ValidArgsFunction: completeRecords(h, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			if remove != (len(args) == 1) {
				return usagef("tag takes ID NAME, or --delete NAME")
			}
			db, err := h.need()
			if err != nil {
				return err
			}
			defer db.Close()
			if remove {
				return db.Untag(args[0])
			}
			rec, err := db.Select(selector(args[0]))
			if err != nil {
				return err
			}
			if err := db.Tag(rec.ID, args[1]); errors.Is(err, store.ErrTag) {
				return usagef("%w", err)
			} else if err != nil {
				return err
			}
			fmt.Fprintf(s.out, "@tag:%s is now %s.\n", args[1], rec.ID)
			return nil
		},
	}
	cmd.Flags().BoolVar(&remove, "delete", false, "remove the tag; its record stays")
	return cmd
}

func newHistoryImport(s streams, h *historyFlags) *cobra.Command {
	return &cobra.Command{
		Use: "import FILE...", Short: "Add records from files, such as those of other machines", Args: wants(1, 0, "files"),
		Long: `Adds records from files that --json or 'history export' has written. A record
that is there already is replaced if the new one continues it. One that differs in
what both have is refused. Files that cannot be added do not keep the others from
being added.`,
		Example: "  epochtime run linear --json linear.json\n  epochtime history import linear.json",
		RunE: func(_ *cobra.Command, args []string) error {
			db, err := h.need()
			if err != nil {
				return err
			}
			defer db.Close()
			added, failed := 0, error(nil)
			for _, name := range args {
				was, err := importFile(db, name)
				if err != nil {
					fmt.Fprintf(s.err, "epochtime: %v%s\n", err, hint(err))
					if failed == nil || !errors.Is(err, errUsage) { // any file that cannot be read counts for more
						failed = told(err)
					}
				}
				if was {
					added++
				}
			}
			fmt.Fprintf(s.out, "%d of %d records added.\n", added, len(args))
			return failed
		},
	}
}

func importFile(db *store.Store, name string) (bool, error) {
	rec, err := readRecord(name)
	if err != nil {
		return false, err
	}
	added, err := db.Import(rec)
	if err != nil {
		return false, fmt.Errorf("%s: %w", name, err)
	}
	return added, nil
}

func newHistoryExport(s streams, h *historyFlags) *cobra.Command {
	var f filterFlags
	var to string
	cmd := &cobra.Command{
		Use: "export [ID] --to DIR", Short: "Write records to files, one each", Args: wants(0, 1, "at most one ID"),
		Long: `Writes the records that the flags select into a folder, each to a file ID.json.
A damaged one is named and left out, and the exit code is then 1. With ID, writes
that record to a file; - is stdout.`,
		Example:           "  epochtime history export --graph cnn --to cnn-records\n  epochtime history export @last --to last.json",
		ValidArgsFunction: completeRecords(h, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			if to == "" {
				return usagef("name a folder or file, such as --to records")
			}
			if len(args) == 1 {
				return exportOne(s, *h, selector(args[0]), to)
			}
			return exportAll(s, *h, f, to)
		},
	}
	f.add(cmd.Flags(), 0)
	cmd.Flags().StringVar(&to, "to", "", "`DIR` folder to write to, or with ID a file")
	return cmd
}

func exportOne(s streams, h historyFlags, expr, to string) error {
	rec, err := h.record(expr)
	if err != nil {
		return err
	}
	out, err := openRecord("--to", to, s.out)
	if err != nil {
		return err
	}
	return out.Fill(rec.Write)
}

func exportAll(s streams, h historyFlags, f filterFlags, to string) error {
	db, filter, err := h.filtered(f)
	if err != nil {
		return err
	}
	defer db.Close()
	ids, err := db.IDs(filter)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	atomicfile.Clean(to, func(name string) bool { return slices.Contains(ids, strings.TrimSuffix(name, ".json")) })
	written := 0
	for _, id := range ids {
		rec, err := db.Get(id)
		if err != nil { // the others are no worse for it
			fmt.Fprintf(s.err, "epochtime: %v%s\n", err, hint(err))
			continue
		}
		path := filepath.Join(to, rec.ID+".json")
		if err := atomicfile.Write(path, func(f *os.File) error { return rec.Write(f) }); err != nil {
			return fmt.Errorf("--to: %w; %d of %s are written", err, written, records(len(ids)))
		}
		written++
	}
	if written < len(ids) {
		fmt.Fprintf(s.out, "%d of %s written to %s.\n", written, records(len(ids)), to)
		return errFailed
	}
	fmt.Fprintf(s.out, "%s written to %s.\n", records(written), to)
	return nil
}

// records counts records in words.
func records(n int) string { return counted(n, "record", "records") }

func newHistoryPrune(s streams, h *historyFlags) *cobra.Command {
	var older, id string
	var tagged, damaged, yes bool
	cmd := &cobra.Command{
		Use: "prune --older-than TIME | --id ID | --damaged", Short: "Remove old or damaged records for good", Args: noArgs,
		Long:    "Shows what would be removed, and removes it with --yes.",
		Example: "  epochtime history prune --older-than 90d --keep-tagged\n  epochtime history prune --older-than 90d --keep-tagged --yes",
		RunE: func(*cobra.Command, []string) error {
			chosen := slices.DeleteFunc([]bool{older != "", id != "", damaged}, func(is bool) bool { return !is })
			if len(chosen) != 1 {
				return usagef("say which records: --older-than TIME, such as 90d, --id ID, or --damaged")
			}
			db, err := h.need()
			if err != nil {
				return err
			}
			defer db.Close()
			if damaged {
				return pruneDamaged(s, db, yes)
			}
			ids, err := prunable(db, older, id, tagged)
			if err != nil {
				return err
			}
			if !yes {
				fmt.Fprintf(s.out, "%s would be removed; use --yes to remove.\n", records(len(ids)))
				return nil
			}
			if err := db.Remove(ids); err != nil {
				return err
			}
			fmt.Fprintf(s.out, "%s removed.\n", records(len(ids)))
			return nil
		},
	}
	cmd.Flags().StringVar(&older, "older-than", "", "records that began longer than `TIME` ago, such as 90d")
	cmd.Flags().StringVar(&id, "id", "", "`ID` only this record, even if it is damaged")
	cmd.Flags().BoolVar(&damaged, "damaged", false, "all that 'epochtime history check' calls wrong, but for the file itself")
	cmd.Flags().BoolVar(&tagged, "keep-tagged", false, "keep records that have a tag")
	cmd.Flags().BoolVar(&yes, "yes", false, "remove them")
	return cmd
}

// prunable are the ids of the records to remove.
func prunable(db *store.Store, older, id string, keepTagged bool) ([]string, error) {
	if id != "" {
		whole, err := db.Resolve(id)
		return []string{whole}, err
	}
	span, err := age(older)
	if err != nil {
		return nil, usagef("--older-than %q: %w", older, err)
	}
	entries, err := db.List(store.Filter{Before: time.Now().Add(-span)})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if !keepTagged || len(e.Tags) == 0 {
			out = append(out, e.ID)
		}
	}
	return out, nil
}
