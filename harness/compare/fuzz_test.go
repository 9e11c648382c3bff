package compare

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"epochtime/harness/record"
)

// FuzzRecords: whatever two records hold, an interval is in order.
func FuzzRecords(f *testing.F) {
	of := func(id, seconds string) []byte { // short, because most of the time is spent on reading it
		var launches []string
		for block, s := range strings.Fields(seconds) {
			launches = append(launches, fmt.Sprintf(`{"status":"ok","block":%d,"epochs":[{"seconds":%s,"samples":9}]}`, block, s))
		}
		text := fmt.Sprintf(`{"schema":1,"id":%q,"status":"complete","plan":{"kind":"run"},"runs":[{"graph":{"name":"g","sha256":"a"},"config":{"feed":"batches"},"launches":[%s]}]}`,
			id, strings.Join(launches, ","))
		if _, err := record.Read(strings.NewReader(text)); err != nil {
			f.Fatal(err)
		}
		return []byte(text)
	}
	f.Add(of("1", "1 1.01 1.02 1 1.01 1.02"), of("2", "2 2.02 2.04 2 2.02 2.04"))
	f.Add(of("1", "0 1e-320 1e308"), of("1", "1e308 1 2"))
	f.Add([]byte(`{"schema":1}`), []byte(`{"schema":1,"runs":[{"graph":{"name":"g"}}]}`))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		base, err := record.Read(bytes.NewReader(first))
		if err != nil {
			return
		}
		changed, err := record.Read(bytes.NewReader(second))
		if err != nil {
			return
		}
		for _, o := range []Options{{}, {AllowDifferent: true, Noise: &Noise{Sessions: make([]float64, 8)}}} {
			c, err := Records(base, changed, o)
			if err != nil {
				continue
			}
			for _, p := range c.Pairs {
				if r := p.Ratio; r.Known() && !(r.Low <= r.High) {
					t.Errorf("an interval from %v to %v", r.Low, r.High)
				}
			}
		}
	})
}
