package deployment

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAFailedStartIsReportedToTheRuntimeAPI(t *testing.T) {
	var got map[string]string
	status := http.StatusAccepted
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/2018-06-01/runtime/init/error" || r.Header.Get("Lambda-Runtime-Function-Error-Type") == "" {
			t.Errorf("%s %s %v", r.Method, r.URL.Path, r.Header)
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		w.WriteHeader(status)
	}))
	defer server.Close()
	api := strings.TrimPrefix(server.URL, "http://")
	if err := reportInit(api, errors.New("config.yaml:1:1: no\nwhole file")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"errorType": "InitError", "errorMessage": "config.yaml:1:1: no\nwhole file"}, got); diff != "" {
		t.Error(diff)
	}
	status = http.StatusForbidden
	if err := reportInit(api, errors.New("x")); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("refused: %v", err)
	}
	server.Close()
	if err := reportInit(api, errors.New("x")); err == nil {
		t.Error("nobody listens, and no error")
	}
}
