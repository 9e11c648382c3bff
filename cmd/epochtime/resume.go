package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// recall makes the command what the record of --resume was asked for, and returns
// its arguments; those given, without --resume. False says that the record is
// complete: nothing is left to do.
func (f *measureFlags) recall(cmd *cobra.Command, args []string, s streams) ([]string, bool, error) {
	if f.resume == "" {
		return args, true, nil
	}
	extra := ""
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if flag.Name != "resume" {
			extra = "--" + flag.Name
		}
	})
	if len(args) > 0 {
		extra = args[0]
	}
	if extra != "" {
		return nil, false, usagef("--resume takes all settings from the record: leave out %s", extra)
	}
	path := f.resume
	rec, err := readRecord(path)
	if err != nil {
		return nil, false, fmt.Errorf("--resume: %w", err)
	}
	if len(rec.Argv) < 2 || rec.Argv[1] != cmd.Name() {
		return nil, false, notResumable(path, cmd.Name(), rec)
	}
	if rec.Status == record.Complete {
		fmt.Fprintf(s.out, "%s is complete: nothing is left to do.\n", path)
		return nil, false, nil
	}
	if err := cmd.Flags().Parse(rec.Argv[2:]); err != nil {
		return nil, false, fmt.Errorf("--resume %s: its command line cannot be read: %w: measure anew", path, err)
	}
	f.resume, f.json, f.earlier = path, path, rec
	return cmd.Flags().Args(), true, nil
}

// notResumable says which verb goes on with a record, if one does.
func notResumable(path, verb string, rec *record.Record) error {
	for _, kind := range []string{record.KindRun, record.KindAB, record.KindSweep, record.KindTune} {
		if len(rec.Argv) > 1 && rec.Argv[1] == kind {
			return usagef("--resume: %s was measured with 'epochtime %s', not %s: use 'epochtime %s --resume %s'", path, kind, verb, kind, path)
		}
	}
	return fmt.Errorf("--resume: %s does not say how it was measured: measure anew", path)
}

// readRecord reads a record file.
func readRecord(path string) (*record.Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rec, err := record.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rec, nil
}

// adopt goes on with what an earlier record holds. from is the index of the
// first run to take over; there must be as many as the measurement has from
// there on, or none, of the same graphs and settings.
func (m *measurement) adopt(earlier *record.Record, from int) error {
	if earlier == nil || len(earlier.Runs) <= from {
		return nil
	}
	if len(earlier.Runs) < len(m.rec.Runs) {
		return fmt.Errorf("the record holds %d configurations, and its command line now makes %d: measure anew", len(earlier.Runs), len(m.rec.Runs))
	}
	for i := from; i < len(m.rec.Runs); i++ {
		now, then := &m.rec.Runs[i], earlier.Runs[i]
		switch {
		case now.Graph.SHA256 != then.Graph.SHA256:
			return fmt.Errorf("the graph %s is not the one that was measured (sha256 %.12s…, the record has %.12s…): measure anew", now.Graph.Name, now.Graph.SHA256, then.Graph.SHA256)
		case !sameConfig(now.Config, then.Config):
			return fmt.Errorf("the settings of %s are not those that were measured: measure anew", now.Title())
		}
		now.Launches = then.Launches
		now.Summary, now.Warnings = stats.Summarize(now)
	}
	m.recount()
	m.rec.ID, m.rec.Started, m.rec.Argv, m.rec.Machines = earlier.ID, earlier.Started, earlier.Argv, earlier.Machines
	return nil
}

// sameConfig compares two configurations as a record holds them.
func sameConfig(a, b record.Config) bool {
	for _, c := range []*record.Config{&a, &b} {
		if len(c.Env) == 0 {
			c.Env = nil
		}
		if len(c.Data) == 0 {
			c.Data = nil
		}
		if len(c.Preprocess) == 0 {
			c.Preprocess = nil
		}
	}
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}
