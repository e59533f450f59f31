//! A mail server for tests: it takes mails and keeps them, and misbehaves where it is told to.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What the server does instead of its usual answer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    /// Says this.
    Say(&'static str),
    /// Says nothing, and keeps the connection.
    Hang,
    /// Closes the connection.
    Close,
}

/// How a server is started.
#[derive(Default)]
pub(crate) struct SinkOptions {
    /// By command; `CONNECT` is the greeting, `BODY` the end of a message.
    pub(crate) answers: BTreeMap<&'static str, Answer>,
    /// What it offers after EHLO.
    pub(crate) extensions: Vec<&'static str>,
    /// For STARTTLS.
    pub(crate) tls: Option<TlsAcceptor>,
}

/// A mail that was taken.
#[derive(Debug, Clone)]
pub(crate) struct TakenMail {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) message: String,
}

/// A running server. It ends with the test.
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<Log>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Log {
    mails: Vec<TakenMail>,
    commands: Vec<String>,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}
type Connection = BufReader<Box<dyn Stream>>;

impl Sink {
    pub(crate) async fn start(options: SinkOptions) -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), options).await
    }

    /// The same at an address.
    pub(crate) async fn start_at(address: SocketAddr, options: SinkOptions) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Mutex::new(Log::default()));
        let (options, shared) = (Arc::new(options), Arc::clone(&log));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let session = Session {
                    options: Arc::clone(&options),
                    log: Arc::clone(&shared),
                };
                tokio::spawn(session.run(stream));
            }
        });
        Self { address, log, task }
    }

    /// One that answers this command so.
    pub(crate) async fn answering(command: &'static str, answer: Answer) -> Self {
        Self::start(SinkOptions {
            answers: BTreeMap::from([(command, answer)]),
            ..SinkOptions::default()
        })
        .await
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub(crate) fn mails(&self) -> Vec<TakenMail> {
        self.log.lock().unwrap().mails.clone()
    }

    /// Every command that was received, in order.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.log.lock().unwrap().commands.clone()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Session {
    options: Arc<SinkOptions>,
    log: Arc<Mutex<Log>>,
}

impl Session {
    async fn run(self, stream: TcpStream) -> Option<()> {
        let mut connection: Connection = BufReader::new(Box::new(stream));
        let mut mail = TakenMail {
            from: String::new(),
            to: Vec::new(),
            message: String::new(),
        };
        self.answer(&mut connection, "CONNECT", "220 sink ESMTP")
            .await?;
        loop {
            let line = read_line(&mut connection).await?;
            let verb = line.split([' ', ':']).next().unwrap().to_uppercase();
            self.log.lock().unwrap().commands.push(line.clone());
            match verb.as_str() {
                "EHLO" => {
                    self.answer(&mut connection, "EHLO", &self.greeting())
                        .await?
                }
                "STARTTLS" => {
                    self.answer(&mut connection, "STARTTLS", "220 go ahead")
                        .await?;
                    let acceptor = self.options.tls.clone()?;
                    let stream = acceptor.accept(connection.into_inner()).await.ok()?;
                    connection = BufReader::new(Box::new(stream));
                }
                "AUTH" => self.answer(&mut connection, "AUTH", "235 welcome").await?,
                "MAIL" => {
                    mail.from = path(&line);
                    self.answer(&mut connection, "MAIL", "250 ok").await?;
                }
                "RCPT" => {
                    mail.to.push(path(&line));
                    self.answer(&mut connection, "RCPT", "250 ok").await?;
                }
                "DATA" => {
                    self.answer(&mut connection, "DATA", "354 go on").await?;
                    mail.message = read_message(&mut connection).await?;
                    if !self.options.answers.contains_key("BODY") {
                        self.log.lock().unwrap().mails.push(mail.clone());
                    }
                    self.answer(&mut connection, "BODY", "250 taken").await?;
                }
                "QUIT" => {
                    self.answer(&mut connection, "QUIT", "221 bye").await?;
                    return None;
                }
                _ => self.answer(&mut connection, "OTHER", "502 what?").await?,
            }
        }
    }

    /// The usual answer, or the one that was ordered. `None` ends the session.
    async fn answer(&self, connection: &mut Connection, command: &str, usual: &str) -> Option<()> {
        let answer = self.options.answers.get(command).copied();
        let text = match answer {
            None => usual,
            Some(Answer::Say(text)) => text,
            Some(Answer::Hang) => {
                std::future::pending::<()>().await;
                return None;
            }
            Some(Answer::Close) => return None,
        };
        connection.write_all(text.as_bytes()).await.ok()?;
        connection.write_all(b"\r\n").await.ok()?;
        connection.flush().await.ok()
    }

    fn greeting(&self) -> String {
        let extensions = self.options.extensions.iter();
        let lines: Vec<_> = extensions.map(|name| format!("250-{name}\r\n")).collect();
        format!("250-sink\r\n{}250 8BITMIME", lines.concat())
    }
}

async fn read_line(connection: &mut Connection) -> Option<String> {
    let mut line = String::new();
    match connection.read_line(&mut line).await {
        Ok(1..) => Some(line.trim_end().to_owned()),
        _ => None,
    }
}

/// Up to the lone dot, with the doubled ones made single.
async fn read_message(connection: &mut Connection) -> Option<String> {
    let mut message = String::new();
    loop {
        let mut line = String::new();
        connection
            .read_line(&mut line)
            .await
            .ok()
            .filter(|bytes| *bytes > 0)?;
        if line == ".\r\n" {
            return Some(message);
        }
        message.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

/// Between the angle brackets.
fn path(line: &str) -> String {
    let (_, rest) = line.split_once('<').unwrap();
    rest.split_once('>').unwrap().0.to_owned()
}
