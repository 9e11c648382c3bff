package tfsession

import (
	"cmp"
	"fmt"
	"strings"

	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
	"epochtime/harness/record"
)

// checkDevice returns ErrDevice unless the session has the device asked for, one for
// each replica of the graph, and no faster one that TensorFlow would take instead.
func (s *Session) checkDevice(name string, v graph.Variant) error {
	devices, err := s.Devices()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDevice, err)
	}
	if err := fits(name, devices); err != nil {
		return err
	}
	return replicasFit(name, v, devices)
}

// replicasFit returns ErrDevice unless each replica of a graph has a device of the kind
// for which it was exported.
func replicasFit(name string, v graph.Variant, devices []Device) error {
	n := v.Devices()
	if n == 1 {
		return nil
	}
	kind := cmp.Or(v.Device, "cpu")
	if got, _, err := parseDevice(name); err != nil || got != strings.ToUpper(kind) {
		return fmt.Errorf("%w: the graph has %d replicas, for a %s each, and %q was asked for", ErrDevice, n, kind, name)
	}
	seen := 0
	for _, d := range devices {
		if d.Type == strings.ToUpper(kind) {
			seen++
		}
	}
	if seen >= n {
		return nil
	}
	return fmt.Errorf("%w: replica %d without a device: the graph has %d replicas, and TensorFlow %s sees %d %s", ErrDevice, seen, n, Version(), seen, strings.ToUpper(kind))
}

// fits returns ErrDevice unless the devices of a session have what is asked for, each
// GPU that is named, and no faster one.
func fits(name string, devices []Device) error {
	kind, gpus, err := parseDevice(name)
	if err != nil {
		return err
	}
	found, others := 0, []string(nil)
	for _, d := range devices {
		switch {
		case d.Type == kind:
			found++
		case d.Type != "CPU" && !strings.HasPrefix(d.Type, "XLA_"):
			others = append(others, d.Name)
		}
	}
	if found == 0 {
		return missing(name, devices)
	}
	if len(gpus) > 0 && found != len(gpus) { // TensorFlow numbers anew those that it sees
		return fmt.Errorf("%w: %q was asked for, %d in number, and the session has %d", ErrDevice, name, len(gpus), found)
	}
	if kind == "CPU" && len(others) > 0 {
		return fmt.Errorf("%w: the cpu was asked for and TensorFlow would also use %s", ErrDevice, strings.Join(others, ", "))
	}
	return nil
}

func missing(name string, devices []Device) error {
	var have []string
	for _, d := range devices {
		have = append(have, d.Name)
	}
	kind, _, _ := strings.Cut(name, ":")
	return fmt.Errorf("%w: %q was asked for; this TensorFlow %s sees %s%s", ErrDevice, name, Version(), strings.Join(have, ", "), absent(kind))
}

// parseDevice returns TensorFlow's device type, and the numbers of the GPUs that are
// named.
func parseDevice(name string) (kind string, gpus []int, err error) {
	kind, gpus, err = record.ParseDevice(name)
	if err != nil {
		return "", nil, fmt.Errorf("%w: %q: %w", ErrDevice, name, err)
	}
	return strings.ToUpper(kind), gpus, nil
}

func devicesOf(s *tf.Session) ([]Device, error) {
	list, err := s.ListDevices()
	if err != nil {
		return nil, err
	}
	out := make([]Device, len(list))
	for i, d := range list {
		out[i] = Device{Name: strings.TrimPrefix(d.Name, "/job:localhost/replica:0/task:0/device:"), Type: d.Type, MemoryBytes: d.MemoryLimitBytes}
	}
	return out, nil
}
