package local

import "errors"

// maxBatch is how many entries one batch request may have.
const maxBatch = 10

// batchOut is the answer to a batch: each entry fares on its own.
type batchOut[R any] struct {
	Successful []R
	Failed     []failedEntry `json:",omitempty"`
}

type failedEntry struct {
	entryID
	Code, Message string
	SenderFault   bool
}

// entryID is embedded by the entries of batches and by their results.
type entryID struct {
	ID string `json:"Id"`
}

func (e entryID) id() string { return e.ID }

// inBatch does every entry, after the checks that concern the batch as a whole.
func inBatch[E interface{ id() string }, R any](entries []E, do func(E) (R, error)) (batchOut[R], error) {
	switch {
	case len(entries) == 0:
		return batchOut[R]{}, sqsFault("EmptyBatchRequest", "There should be at least one entry in the request.")
	case len(entries) > maxBatch:
		return batchOut[R]{}, sqsFault("TooManyEntriesInBatchRequest", "Maximum number of entries per request are %d. You have sent %d.", maxBatch, len(entries))
	}
	seen := map[string]bool{}
	for _, e := range entries {
		if !queueName.MatchString(e.id()) { // the same alphabet and length
			return batchOut[R]{}, sqsFault("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		}
		if seen[e.id()] {
			return batchOut[R]{}, sqsFault("BatchEntryIdsNotDistinct", "Id %s repeated.", e.id())
		}
		seen[e.id()] = true
	}
	out := batchOut[R]{Successful: []R{}}
	for _, e := range entries {
		result, err := do(e)
		var f *fault
		if errors.As(err, &f) {
			out.Failed = append(out.Failed, failedEntry{entryID: entryID{e.id()}, Code: f.query, Message: f.message, SenderFault: true})
			continue
		}
		out.Successful = append(out.Successful, result)
	}
	return out, nil
}

type batchIn[E any] struct {
	QueueURL string `json:"QueueUrl"`
	Entries  []E
}

type sendEntry struct {
	entryID
	messageIn
}

type sentEntry struct {
	entryID
	sendMessageOut
}

func (s *sqsService) sendMessageBatch(c call, in batchIn[sendEntry]) (out batchOut[sentEntry], err error) {
	total := 0
	for _, e := range in.Entries {
		total += e.size()
	}
	if total > maxMessage {
		return out, sqsFault("BatchRequestTooLong", "Batch requests cannot be longer than %d bytes. You have sent %d bytes.", maxMessage, total)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	q, err := s.queueAt(in.QueueURL, now)
	if err != nil {
		return out, err
	}
	return inBatch(in.Entries, func(e sendEntry) (sentEntry, error) {
		sent, err := q.send(e.messageIn, c.who.Account, now)
		return sentEntry{e.entryID, sent}, err
	})
}

type deleteEntry struct {
	entryID
	ReceiptHandle string
}

func (s *sqsService) deleteMessageBatch(_ call, in batchIn[deleteEntry]) (out batchOut[entryID], err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queueAt(in.QueueURL, s.clock.Now())
	if err != nil {
		return out, err
	}
	return inBatch(in.Entries, func(e deleteEntry) (entryID, error) {
		return e.entryID, q.remove(e.ReceiptHandle)
	})
}

type changeEntry struct {
	entryID
	ReceiptHandle     string
	VisibilityTimeout *int
}

func (s *sqsService) changeMessageVisibilityBatch(_ call, in batchIn[changeEntry]) (out batchOut[entryID], err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	q, err := s.queueAt(in.QueueURL, now)
	if err != nil {
		return out, err
	}
	return inBatch(in.Entries, func(e changeEntry) (entryID, error) {
		return e.entryID, q.change(e.ReceiptHandle, e.VisibilityTimeout, now)
	})
}
