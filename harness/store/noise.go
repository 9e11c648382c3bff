package store

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// What SaveNoise keeps.
const (
	NoiseEpochs   = "epochs"   // relative standard deviation of epochs within a launch
	NoiseLaunches = "launches" // of launches within a session
)

// apart is how long after a session the next one must begin to be compared with it:
// sooner, the machine may still be in the same state.
const apart = time.Hour

// SaveNoise keeps one number of a machine's noise, measured now.
func (s *Store) SaveNoise(machine record.Machine, kind string, value float64) error {
	if kind != NoiseEpochs && kind != NoiseLaunches || finite(value) == nil || value < 0 {
		return fmt.Errorf("keeping the noise of %s: %q of %v is not noise", machine.Hostname, kind, value)
	}
	return s.failed("writing", s.change(func(tx *sql.Tx) error {
		row := []any{machineKey(machine), kind, s.now().UnixNano(), value}
		_, err := tx.Exec("INSERT INTO noise VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, checksum = excluded.checksum", append(row, checksum(row...))...)
		return err
	}))
}

// Noise returns how much a machine varies while nothing changes: what SaveNoise kept
// last, and the log ratios of the history's sessions in which nothing known
// differs, each an hour or more after the one before. Only sessions with an
// interval count. It returns nil where nothing is known.
func (s *Store) Noise(machine record.Machine) (*compare.Noise, error) {
	key := machineKey(machine)
	out := &compare.Noise{}
	for kind, value := range map[string]*float64{NoiseEpochs: &out.Epochs, NoiseLaunches: &out.Launches} {
		row := s.db.QueryRow("SELECT value FROM noise WHERE machine = ? AND kind = ? ORDER BY measured DESC LIMIT 1", key, kind)
		if err := row.Scan(value); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, s.failed("reading", err)
		}
	}
	var err error
	if out.Sessions, err = s.sessions(key); err != nil {
		return nil, s.failed("reading", err)
	}
	if out.Epochs == 0 && out.Launches == 0 && len(out.Sessions) == 0 {
		return nil, nil
	}
	return out, nil
}

// sessions returns the log ratios between consecutive twin runs. What two sessions
// differ by is shared by all of their graphs, so two records give one ratio, the
// largest either way.
func (s *Store) sessions(machine string) ([]float64, error) {
	rows, err := s.db.Query(`SELECT twin, record, started, median FROM runs JOIN records ON id = record
WHERE machine = ? AND runs.launches >= ? AND median > 0 ORDER BY twin, started, record, position`, machine, stats.MinLaunches)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	type run struct {
		twin, record string
		started      int64
		median       float64
	}
	var out []float64
	at := map[[2]string]int{} // by two records, where in out
	var last run
	for rows.Next() {
		var r run
		if err := rows.Scan(&r.twin, &r.record, &r.started, &r.median); err != nil {
			return nil, err
		}
		if r.twin == last.twin {
			if r.started-last.started < int64(apart) {
				continue
			}
			ratio, pair := math.Log(r.median/last.median), [2]string{last.record, r.record}
			i, known := at[pair]
			switch {
			case !known:
				at[pair] = len(out)
				out = append(out, ratio)
			case math.Abs(ratio) > math.Abs(out[i]):
				out[i] = ratio
			}
		}
		last = r
	}
	return out, rows.Err()
}
