package machine

import (
	"maps"
	"testing"
)

func TestSteering(t *testing.T) {
	environ := []string{
		"PATH=/bin", "TF_ENABLE_ONEDNN_OPTS=0", "XLA_FLAGS=--a=b --c", "TF_CPP_MIN_LOG_LEVEL=1", "TF_CLI_CONFIG_FILE=x", "KERAS_BACKEND=jax",
		"PYTHONPATH=/p", "KMP_AFFINITY=", "LD_LIBRARY_PATH=/a:/b", "LD_PRELOAD=/c.so", "MY_TF_X=1", "broken",
	}
	for name, c := range map[string]struct{ got, want map[string]string }{
		"Steering": {Steering(environ), map[string]string{
			"TF_ENABLE_ONEDNN_OPTS": "0", "XLA_FLAGS": "--a=b --c", "KMP_AFFINITY": "", "LD_LIBRARY_PATH": "/a:/b", "LD_PRELOAD": "/c.so",
		}},
		"SteeringExport": {SteeringExport(environ), map[string]string{
			"TF_ENABLE_ONEDNN_OPTS": "0", "XLA_FLAGS": "--a=b --c", "KERAS_BACKEND": "jax", "PYTHONPATH": "/p", "KMP_AFFINITY": "",
		}},
	} {
		if !maps.Equal(c.got, c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}
