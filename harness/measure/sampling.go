package measure

import (
	"context"
	"fmt"
	"time"

	"epochtime/harness/launch"
	"epochtime/harness/machine"
	"epochtime/harness/monitor"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/runtimes"
)

// idleTime is how long the power of the idle machine is measured.
const idleTime = 2 * time.Second

// newMonitor returns what watches this machine beside launches; nil where it is not to be.
func newMonitor(o Options) *monitor.Monitor {
	if o.NoSampling {
		return nil
	}
	return monitor.New(monitor.Options{Machine: thisMachine, Members: machine.Members, GPUs: readGPUs})
}

// sampled makes a worker have this machine watched beside each launch that it times, and
// returns it. Only a launch.Worker can. One that has an Observe stays as it is.
func sampled(w Launcher, m *monitor.Monitor) Launcher {
	started, ok := w.(*launch.Worker)
	if !ok || started == nil || started.Observe != nil || m == nil {
		return w
	}
	started.Observe = func(j protocol.Job) launch.Observer {
		if j.Kind != protocol.Train {
			return nil
		}
		return m.Watch(j)
	}
	return w
}

// readGPUs has a worker program beside the launch read the accelerators of its machine
// until ctx is done. A scheduler may start it on another one: that is an error.
func readGPUs(ctx context.Context, of record.Machine, c record.Config, every time.Duration, on func(protocol.Reading)) error {
	c = record.Config{Worker: c.Worker, Device: "cpu"} // also beside a worker in Python
	command, err := runtimes.Find(c, "")
	if err != nil {
		return err
	}
	w := &launch.Worker{Argv: command.Argv, Base: command.Env, Explain: command.Explain}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var elsewhere error
	out, err := w.Run(ctx, protocol.Job{Kind: protocol.Monitor, Config: c, Every: every.Seconds()}, func(e protocol.Event) {
		switch {
		case e.Event == protocol.EventHello && of.Known() && e.Hello.Machine.Known() && !e.Hello.Machine.Same(of):
			elsewhere = fmt.Errorf("what reads them was started on another machine, %s", e.Hello.Machine.Title())
			stop()
		case e.Event == protocol.EventReading && elsewhere == nil:
			on(*e.Reading)
		}
	})
	if elsewhere != nil {
		return elsewhere
	}
	if err == nil && out.Launch.Status != record.OK && ctx.Err() == nil {
		err = out.Err()
	}
	return err
}

// measureIdle measures the power of this machine before the first launch.
func (s *Session) measureIdle(ctx context.Context) {
	if s.Launched() == 0 && len(s.rec.Idle) == 0 {
		back := s.spent.run(&s.rec.Spent.Idle)
		s.idle = s.monitor.Idle(ctx, idleTime)
		back()
	}
}

// noteIdle keeps the idle power of the machine of a launch, which is known once it has
// said its name.
func (s *Session) noteIdle(l record.Launch) {
	if len(s.idle) == 0 || l.Before == nil || l.Machine >= len(s.rec.Machines) || !s.monitor.Here(s.rec.Machines[l.Machine]) {
		return
	}
	for _, p := range s.idle {
		p.Machine = l.Machine
		s.rec.Idle = append(s.rec.Idle, p)
	}
	s.idle = nil
}
