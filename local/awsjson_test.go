package local

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"testing"
)

// FuzzPayloads holds that whatever is asked of SQS and DynamoDB, they answer
// with an object or refuse it with a typed error.
func FuzzPayloads(f *testing.F) {
	clock := NewClock()
	queues, tables := newSQS(clock, "eu-west-1"), newDynamoDB(clock)
	queues.create("q", QueueOptions{Owner: devo})
	tables.add("t", []keyAttribute{{"id", "S"}})
	targets := slices.Concat(slices.Sorted(maps.Keys(queues.actions)), slices.Sorted(maps.Keys(tables.actions)), []string{"Unknown"})
	waits := regexp.MustCompile(`(?i)wait`) // no time for long polls
	for i := range targets {
		f.Add(uint(i), `{"QueueUrl":"http://any/`+devo+`/q","QueueName":"q","MessageBody":"x","ReceiptHandle":"x","Entries":[{"Id":"1"}]}`)
		f.Add(uint(i), `{"TableName":"t","Key":{"id":{"S":"x"}},"Item":{"id":{"S":"x"},"a":{"L":[{"NULL":true}]}},"UpdateExpression":"SET a = :v","ExpressionAttributeValues":{":v":{"N":"1"}}}`)
		f.Add(uint(i), ``)
	}
	f.Fuzz(func(t *testing.T, i uint, payload string) {
		target := targets[i%uint(len(targets))]
		payload = waits.ReplaceAllString(payload, "")
		var s service = tables
		if _, ok := queues.actions[target]; ok {
			s = queues
		}
		r, w := httptest.NewRequest(http.MethodPost, "/", nil), httptest.NewRecorder()
		r.Header.Set("X-Amz-Target", "Any."+target)
		s.serve(w, r, []byte(payload), caller{Account: devo})

		var answer map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%s answered %q: %v", target, w.Body, err)
		}
		if _, typed := answer["__type"]; w.Code != 200 && (w.Code != 400 || !typed) {
			t.Errorf("%s answered %d %s", target, w.Code, w.Body)
		}
	})
}
