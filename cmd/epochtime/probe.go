package main

import (
	"context"

	"github.com/spf13/cobra"

	"epochtime/harness/measure"
)

// probeFlags are the flags of 'epochtime probe'.
type probeFlags struct{ measureFlags }

func newProbe(s streams) *cobra.Command {
	f := &probeFlags{newMeasureFlags(6)}
	cmd := &cobra.Command{
		Use:   "probe",
		Short: "Find what this machine can do at most",
		Long: `Times small graphs that train nothing: matrix products in float32, bfloat16 and
float16, a convolution, a pass over memory, transfers to and from the device,
and the call of a step that computes nothing. Each launch takes some seconds.

The limits are kept in the history. Later measurements on the same machine, with
the same TensorFlow, device and threads, say how near to them they are.`,
		Example: `  epochtime probe
  epochtime probe --intra-op 1 --json limits.json
  epochtime probe --worker 'ssh gpu7 epochtime-worker' --device gpu`,
		RunE: f.measuring(s, f.session, f.run),
	}
	flags := cmd.Flags()
	f.own = flags
	flags.SortFlags = false
	flags.IntVar(&f.launches, "launches", f.launches, "`N` processes; an interval takes six or more")
	addSettings(flags, &f.config, selectSettings("worker", "device", "timeout", "env", "intra-op", "inter-op"))
	f.addRecord(flags)
	f.addMaxTime(flags, "")
	flags.Lookup("max-time").Usage = "`TIME` time limit for all of measuring: a launch under way is ended, and the table has the launches until then"
	addPython(flags, &f.models.python)
	return cmd
}

// session returns the session for the command line.
func (f *probeFlags) session(_ context.Context, _ streams, args []string, o measure.Options) (*measure.Session, error) {
	if len(args) > 0 {
		return nil, usagef("probe takes no arguments, but was given %q: 'epochtime run' measures graphs", args[0])
	}
	return measure.NewProbe(f.config, o)
}

func (f *probeFlags) run(ctx context.Context, s streams, session *measure.Session) error {
	out, err := f.carryOut(ctx, s, session)
	f.show(out, session, err)
	if err != nil {
		return err
	}
	return session.CheckResults(0)
}
