package deployment

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"
)

// initErrorLimit bounds the report of a failed start.
const initErrorLimit = 2 * time.Second

// StartFailed logs why a function cannot start, tells the Runtime API, so that
// whoever invoked the function gets the cause too, and ends the process.
func StartFailed(log *slog.Logger, function string, err error) {
	log.Error(function+" does not start", "cause", err.Error())
	if api := os.Getenv("AWS_LAMBDA_RUNTIME_API"); api != "" {
		if err := reportInit(api, err); err != nil {
			log.Warn("the caller is not told why "+function+" does not start", "cause", err.Error())
		}
	}
	os.Exit(1)
}

// reportInit posts a start's error, as the Runtime API wants it.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-initerror
func reportInit(api string, failure error) error {
	body, err := json.Marshal(map[string]string{"errorType": "InitError", "errorMessage": failure.Error()})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), initErrorLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+api+"/2018-06-01/runtime/init/error", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Lambda-Runtime-Function-Error-Type", "Function.InitError")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusAccepted {
		return fmt.Errorf("report the error: the Runtime API answered %s", response.Status)
	}
	return nil
}
