// TLS — OpenSSL 3 as a state machine over bytes: no socket, no thread, no callback.
//
//     their ciphertext ──feed──▶ TLSSession ──read──▶ plaintext
//     plaintext ───────write──▶            ──take──▶ our ciphertext
//
// A `TLSContext` holds what many sessions share: a certificate and its key, or what a peer's
// certificate is checked against. A session talks to two memory BIOs, so its owner moves the bytes
// and knows when it may wait. Sessions are confined to one thread; contexts are not.
