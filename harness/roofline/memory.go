package roofline

import (
	"strings"

	"epochtime/harness/record"
)

// What a step reads and writes of each parameter at least: the forward pass reads it,
// its gradient is written and read, the optimizer reads and writes it. The activations
// are not known, so this is a lower bound.
const (
	passes        = 5
	passesOfSlot  = 2 // a slot of the optimizer is read and written
	parameterSize = 4 // Keras keeps variables in float32, also under mixed precision
)

// slots are the variables that an optimizer has for each parameter, at least.
var slots = map[string]int{"adam": 2, "adamw": 2, "nadam": 2, "adamax": 2, "lamb": 2, "ftrl": 2, "adadelta": 2, "rmsprop": 1, "adagrad": 1, "lion": 1}

const (
	// overCache is by how much the variables exceed the cache before they are counted as
	// read from memory in each step.
	overCache = 2
	// deviceCache is more than the cache of an accelerator, which is not known.
	deviceCache = 128 << 20
	// flopsOfDense are the operations for each parameter and example that show that every
	// step uses all of them: a row of an embedding is only used where it occurs.
	flopsOfDense = 4
)

// memory adds the share of passes over the variables, where these are far larger than
// the cache and every step uses all of them.
func (e *epoch) memory(out *record.Roofline) {
	bandwidth, known := e.limits.Rate(record.RateMemory)
	parameters := float64(e.run.Graph.Parameters)
	optimizer, _ := e.run.Graph.Variant["optimizer"].(string)
	n := float64(slots[strings.ToLower(optimizer)])
	cache, cacheKnown := e.cache()
	if !known || !cacheKnown || parameters*parameterSize*(1+n) < overCache*cache || e.run.Graph.FlopsPerExample < flopsOfDense*parameters {
		return
	}
	bytes := float64(e.steps) * parameters * parameterSize * (passes + passesOfSlot*n)
	e.share(out, record.BoundMemory, bytes/bandwidth.Value.Median/e.seconds.Median)
}

// cache returns the size of the largest cache in bytes.
func (e *epoch) cache() (bytes float64, known bool) {
	if e.launch.Resolved.Device != "cpu" {
		return deviceCache, true
	}
	for _, c := range e.machine.Caches {
		bytes = max(bytes, float64(c.Bytes))
	}
	return bytes, bytes > 0
}
