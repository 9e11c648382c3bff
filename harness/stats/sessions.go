package stats

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// MinSessions is the fewest comparisons of a session with a later one that tell
// how far two sessions differ where nothing was changed.
const MinSessions = 8

// RatioAcross returns the ratio of two sessions, that of the medians of their
// launches. sessions are log ratios between sessions of the same machine in which
// nothing was changed. The interval is the prediction interval of one more such
// ratio around a mean of 0 (Hahn & Meeker, Statistical Intervals, 4.7), widened by
// the spread of these two sessions' own launches. There is none below MinSessions.
func RatioAcross(base, new []BlockValue, sessions []float64, confidence float64) Ratio {
	out := Ratio{Median: math.NaN(), Low: math.NaN(), High: math.NaN()}
	if len(base) == 0 || len(new) == 0 {
		return out
	}
	bases, news := logs(base), logs(new)
	center := middle(news) - middle(bases)
	out.Median = math.Exp(center)
	if len(sessions) < MinSessions {
		return out
	}
	between := 0.0
	for _, s := range sessions {
		between += s * s / float64(len(sessions))
	}
	quantile := student(float64(len(sessions))).Quantile((1 + confidence) / 2)
	half := quantile * math.Sqrt(between+medianVariance(bases)+medianVariance(news))
	out.Low, out.High, out.Confidence = math.Exp(center-half), math.Exp(center+half), confidence
	return out
}

func logs(values []BlockValue) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = math.Log(v.Seconds)
	}
	return out
}

// medianVariance is the variance of the median of these values; 0 for fewer than two.
func medianVariance(values []float64) float64 {
	if len(values) < 2 {
		return 0
	}
	return math.Pi / 2 * stat.Variance(values, nil) / float64(len(values))
}
