package report

import (
	"testing"

	"epochtime/harness/record"
)

// Where the system does not tell what a launch took of memory, nothing is shown for it.
func TestLargestOfUnknownMemory(t *testing.T) {
	for peak, want := range map[uint64]string{0: none, 1 << 30: "25 %"} {
		r := &record.Record{Runs: []record.Run{{
			Config:   record.Config{Batch: 32, MemoryLimit: 4 << 30},
			Launches: []record.Launch{{Status: record.OK, Memory: record.Memory{PeakRSS: peak}}},
		}}}
		if _, rows := LargestTable(r); rows[0][2] != want {
			t.Errorf("of %d bytes the table has %v", peak, rows[0])
		}
	}
}
